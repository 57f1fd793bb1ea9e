import { sameRef, type Definition, type Ref } from "../../kernel/index.ts";
import { clusterError } from "./errors.ts";
import type { ElectedProtocol } from "./elected-protocol.ts";
import { checkElected, type ElectedOptions } from "./elected-options.ts";
import type { LeaseKeeperProtocol } from "./lease-keeper.ts";
import { seated } from "./seated.ts";

/**
 * Gives an actor that is there a name in the whole cluster (OTP: `global:register_name`). It is started when the name is had, and
 * its start fails with `LEASE_TAKEN` if another has it, or `LEASE_STORE`. It and the actor are linked: the end of one is the end of the
 * other, and the name is free. When the lease runs out, or at `resign`, the actor is stopped, as one that is `elected`. The actor must be of
 * the same VM. Throws `LEASE_OPTION`.
 *
 * @example
 * yield* self.start(registered({ name: carts }), keeper, self.ref);
 */
export function registered<M>(
  options: ElectedOptions<M>,
): Definition<[keeper: Ref<LeaseKeeperProtocol>, actor: Ref<M>], ElectedProtocol<M>> {
  return seated(checkElected(options), (self, actor: Ref<M>) => {
    const { host, vm } = self.ref;
    // What runs elsewhere cannot be stopped in time.
    if (actor.host !== host || actor.vm !== vm || sameRef(actor, self.ref))
      throw clusterError("LEASE_OPTION", {
        option: "the actor",
        expected: `of VM ${vm}, as what gives it a name`,
        got: actor.toString(),
      });
    const start = (): Ref<M> => {
      self.link(actor);
      return actor;
    };
    return { start, once: true };
  });
}
