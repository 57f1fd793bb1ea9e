/** What leases and groups of a cluster refuse, and why a lease is lost: code to text. Each code has a line in `docs/errors.md`. */
import { defineErrors, type MakeError } from "../../kernel/index.ts";

const table = {
  LEASE_OPTION: (d: { option: string; expected: string; got: string }) =>
    `${d.option} must be ${d.expected}, got ${d.got}.`,
  LEASE_STORE: (d: { why: string }) =>
    `the store of leases has not answered as it should: ${d.why}. What was asked may have been done or not.`,
  LEASE_STORE_UNFIT: (d: { where: string; why: string; advice: string }) =>
    `leases cannot be kept in ${d.where}: ${d.why}. ${d.advice}`,
  LEASE_RECORD: (d: { name: string; revision: number }) =>
    `what stands under the lease "${d.name}" (revision ${d.revision}) is no lease of this release: it is left alone. Delete it, or choose another name.`,
  LEASE_TAKEN: (d: { name: string; holder: string }) =>
    `the name "${d.name}" is held in this cluster by ${d.holder}. Choose another, or wait for its end.`,
  LEASE_LOST: (d: { name: string; token: number; why: LostWhy }) =>
    `the lease "${d.name}" (token ${d.token}) is not held any more: ${lostText[d.why]}. What was to be done under it must not be done.`,
  GROUPS_FULL: (d: { label: string; membershipsMax: number }) =>
    `the groups "${d.label}" have ${d.membershipsMax} memberships made here, and can have no more. Split them, or start another one elsewhere.`,
};

/**
 * Why a lease is not held any more. `expired`: the holder's own deadline passed before the store had confirmed a renewal; `taken`: another
 * holds it; `gone`: the store has lost it; `released`: it was given up.
 */
export type LostWhy = "expired" | "taken" | "gone" | "released";

const lostText: Readonly<Record<LostWhy, string>> = {
  expired: "its time ran out before a renewal was confirmed",
  taken: "another holds it",
  gone: "it was deleted from the store",
  released: "it was given up",
};

export const clusterError: MakeError<typeof table> = defineErrors(table);
