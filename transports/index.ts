export {
  attachRingPair,
  createRingPair,
  ringPairBytes,
  ringPairCapacity,
  type RingPair,
  type RingPairEnd,
} from "./ring/pair.ts";
export { RingChannel } from "./ring/ring-channel.ts";
export { RingReader } from "./ring/reader.ts";
export { attachRing, createRing, type Ring, type RingCreateOptions, type RingOptions } from "./ring/ring.ts";
export { RingWriter } from "./ring/writer.ts";
export { loadChecksum } from "./host-link/checksum.ts";
export { type Clock, realClock } from "./host-link/clock.ts";
export { isHostName } from "./host-link/hello.ts";
export type {
  CloseReason,
  HostIdentity,
  HostLink,
  HostLinkEvents,
  HostLinkLimits,
  HostLinkStatistics,
  LinkRole,
  Lane,
  LaneLoss,
  LaneStatistics,
} from "./host-link/host-link.ts";
export { defaultHostLinkLimits } from "./host-link/host-link.ts";
export { MemoryHosts, type MemoryHostOptions } from "./host-link/memory.ts";
export type { DialWatch, Redial, RedialOptions } from "./host-link/redial.ts";
export type { TlsCredentials } from "./tcp/credentials.ts";
export {
  openTcp,
  type TcpAddress,
  type TcpDialOptions,
  type TcpHosts,
  type TcpHostsOptions,
} from "./tcp/tcp-hosts.ts";
export type { NatsClient } from "./nats/client.ts";
export { connectNats, type NatsServerOptions } from "./nats/connection.ts";
export { openNats, type NatsHosts, type NatsHostsOptions } from "./nats/nats-hosts.ts";
