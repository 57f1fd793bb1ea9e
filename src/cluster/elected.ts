import type { Definition, Ref } from "../../kernel/index.ts";
import type { ElectedProtocol } from "./elected-protocol.ts";
import { checkElected, type ElectedOptions } from "./elected-options.ts";
import type { LeaseKeeperProtocol } from "./lease-keeper.ts";
import { seated } from "./seated.ts";
import type { Term } from "./term.ts";

/**
 * One actor with this name in the whole cluster: starts `definition` when it has got the lease of that name, with the `Term` as first
 * argument, and stops it before anybody else may have it (leader election; OTP: `global`, and the singletons built on it). All hosts of
 * the cluster run the same, and one of them has the actor; `whereis` finds it.
 *
 * When the lease runs out, the actor is asked to end (`shutdown`) `stopMs` before, and killed at the end; so it is if it resigns. Then this one
 * is a candidate again. When the actor ends by itself, the lease is given up and this one ends with the same reason: its supervisor
 * decides. Throws `LEASE_OPTION`.
 *
 * @example
 * const placer = elected(placement, { name: "placer" });
 * const tree = supervisor({ children: { leases, placer: child(placer, ({ refOf }) => [refOf(leases)]) } });
 */
export function elected<A extends readonly unknown[], M, N extends M>(
  definition: Definition<[term: Term, ...args: A], M>,
  options: ElectedOptions<N>,
): Definition<[keeper: Ref<LeaseKeeperProtocol>, ...args: A], ElectedProtocol<M>> {
  return seated(checkElected(options), (self, ...args: A) => ({
    start: (term) => self.spawnLink(definition, term, ...args),
    once: false,
  }));
}
