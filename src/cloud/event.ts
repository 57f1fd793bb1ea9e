/** What happens in a cloud, for people and tools: what changes for a host, a role, or a VM that is in trouble. Each is data. */
export type CloudEvent = { readonly atMs: number } & (
  | { readonly type: "declared"; readonly vms: number }
  | { readonly type: "host_up"; readonly host: string }
  | { readonly type: "host_lost"; readonly host: string; readonly vms: number }
  | {
      readonly type: "crashed";
      readonly vm: string;
      readonly host: string;
      readonly reason: string;
      readonly crashes: number;
      readonly waitMs: number;
    }
  | { readonly type: "degraded"; readonly vm: string; readonly reason: string; readonly crashes: number }
  | { readonly type: "healed"; readonly vm: string }
  /** VMs of the role find no place. */
  | { readonly type: "blocked"; readonly role: string; readonly vms: number; readonly why: string }
  | { readonly type: "unblocked"; readonly role: string }
  | { readonly type: "updating"; readonly role: string; readonly vms: number }
  | { readonly type: "updated"; readonly role: string }
  | { readonly type: "converged"; readonly vms: number; readonly tookMs: number }
  | { readonly type: "leading"; readonly host: string; readonly term: number }
  | { readonly type: "store_down" }
  | { readonly type: "store_up"; readonly awayMs: number }
);

type Untimed<E> = E extends CloudEvent ? Omit<E, "atMs"> : never;

/** As it is told; who keeps it adds the time. */
export type Told = Untimed<CloudEvent>;
