import {
  find,
  name,
  task,
  type HostProtocol,
  type Name,
  type Ref,
  type Self,
  type Wait,
} from "../../kernel/index.ts";
import type { ElectedProtocol, ElectedStatus } from "./elected-protocol.ts";
import { keyOf } from "./lease-record.ts";

declare const accepts: unique symbol;

/**
 * A name for one actor in the whole cluster, with the protocol that whoever has it must accept. Invariant, as of `Name`: it may not pass
 * for a name that promises less when it is taken.
 */
export interface ClusterName<in out M> {
  readonly text: string;
  /** Type level only. */
  readonly [accepts]?: (message: M) => M;
}

/** Make it once, at the top of a module, and share it. Throws `LEASE_OPTION`. */
export function clusterName<M>(text: string): ClusterName<M> {
  keyOf(text);
  return { text };
}

/** An actor with the name, and the token of its term. */
export interface Named<in M> {
  readonly ref: Ref<M>;
  readonly token: number;
}

/** How those that are elected for a name announce themselves to their hosts. */
export const announced = <M>(text: string): Name<M> => name<M>(`lease ${text}`);

/**
 * The actor that has this name, here or on a host that this one is joined with (OTP: `global:whereis_name`); undefined: there is none, or no
 * way to it. By the time of the answer it may have ended, and another may have the name: monitor it, and expect `noproc`. Each host is
 * asked, and one that does not answer holds this up for 5 s.
 */
export const whereis = <M>(
  self: Parameters<typeof task>[0],
  { text }: ClusterName<M>,
): Wait<Named<M> | undefined> =>
  task(self, (inner) => search<M>(inner, text), { timeoutMs: Infinity, label: `whereis ${text}` });

type Steps<T> = Generator<Wait<unknown>, T, unknown>;

function* search<M>(self: Self<never>, text: string): Steps<Named<M> | undefined> {
  const others = yield* self.call(self.host, "hosts");
  const hosts: Ref<HostProtocol>[] = [self.host, ...others.map(({ ref }) => ref)];
  const seats = yield* answers(hosts.map((host) => find<ElectedProtocol<M>>(self, announced(text), host)));
  const statuses: ElectedStatus<M>[] = yield* answers(seats.flat().map((seat) => self.call(seat, "status")));
  let latest: Named<M> | undefined = undefined;
  for (const { leader, token } of statuses)
    if (leader !== undefined && token !== undefined && token > (latest?.token ?? 0))
      latest = { ref: leader, token };
  return latest;
}

/** Of those that answer. All were asked before the first is waited for. */
function* answers<T>(waits: readonly Wait<T>[]): Steps<T[]> {
  const all: T[] = [];
  for (const wait of waits) {
    try {
      all.push(yield* wait);
    } catch {
      // It has ended, or there is no way to it: then it is not the one.
    }
  }
  return all;
}
