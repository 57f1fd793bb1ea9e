import type { BootsPolicy } from "./boots-for-others.ts";
import type {
  HostLinkLimits,
  NatsServerOptions,
  RedialOptions,
  TcpAddress,
  TlsCredentials,
} from "../../transports/index.ts";

/** How a host joins others. */
export interface JoinOptions {
  /** The host's, which nobody else in its cluster has: 1 to 63 letters, digits, `-` and `_`. */
  readonly name: string;
  /** Hosts of other clusters are refused. Default: `motes`. */
  readonly cluster?: string;
  /** What other hosts may have booted here. Default: nothing. */
  readonly boots?: BootsPolicy;
  readonly tcp?: JoinTcpOptions;
  readonly nats?: JoinNatsOptions;
  /** Times and sizes of links. */
  readonly limits?: Partial<HostLinkLimits>;
  /** How soon a host is dialled again. */
  readonly redial?: Pick<RedialOptions, "firstMs" | "maxMs">;
}

export interface JoinTcpOptions {
  /** Where other hosts reach this one: port 0 is any. Default: nowhere. */
  readonly listen?: TcpAddress;
  /** Where other hosts are, by their names; its own entry is passed over, so that all may have the same list. */
  readonly peers?: Readonly<Record<string, TcpAddress>>;
  /** Its certificate and key, and the cluster's authority, as PEM texts. `plain`: no TLS, between hosts of this machine. */
  readonly security: TlsCredentials | "plain" | "plain anywhere";
}

export interface JoinNatsOptions extends NatsServerOptions {
  /** The names of other hosts that may be found there. */
  readonly peers?: readonly string[];
  /** Of all subjects. Default `motes`. */
  readonly prefix?: string;
}

/** A host that this one is joined with, for people and tools. */
export interface HostInfo {
  readonly name: string;
  /** What it is called in addresses: its name and which of its lives. */
  readonly host: string;
  /** ms since 1970. */
  readonly sinceMs: number;
  /** Pairs of VMs that talk. */
  readonly lanes: number;
  /** Undefined before the first ping. */
  readonly roundTripMs: number | undefined;
}
