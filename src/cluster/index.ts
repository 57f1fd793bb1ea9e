/**
 * `motes/cluster`: leases with fencing tokens, and what rests on them: actors of which a cluster has one; and groups of actors over hosts. With NATS a program declares the
 * device `connect`.
 */
export { Candidate, type CandidateEvents, type CandidateOptions } from "./candidate.ts";
export { clusterGroups, type ClusterGroupsOptions, type ClusterGroupsProtocol } from "./cluster-groups.ts";
export { clusterName, whereis, type ClusterName, type Named } from "./cluster-name.ts";
export { elected } from "./elected.ts";
export type { ElectedOptions } from "./elected-options.ts";
export type { ElectedProtocol, ElectedStatus } from "./elected-protocol.ts";
export type { LostWhy } from "./errors.ts";
export {
  leaseKeeper,
  type ClusterHolder,
  type LeaseKeeperProtocol,
  type LeaseNews,
} from "./lease-keeper.ts";
export type { LeaseChange, LeaseEntry, LeaseStore, LeaseWrite } from "./lease-store.ts";
export { MemoryLeases } from "./memory-lease-store.ts";
export { natsLeaseStore, type NatsLeaseStoreOptions } from "./nats-lease-store.ts";
export { registered } from "./registered.ts";
export type { Term } from "./term.ts";
