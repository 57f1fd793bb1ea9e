import {
  actor,
  type Definition,
  type Down,
  type Exit,
  type Ref,
  type ServerSelf,
  type Wait,
} from "../../kernel/index.ts";
import type { ElectedProtocol, ElectedStatus, Heard } from "./elected-protocol.ts";
import { checkElected, type ElectedOptions } from "./elected-options.ts";
import type { LeaseNews, LeaseKeeperProtocol } from "./lease-keeper.ts";
import { Seat } from "./seat.ts";
import type { Term } from "./term.ts";

/**
 * One actor with this name in the whole cluster: starts `definition` when it has got the lease of that name, with the `Term` as first
 * argument, and stops it before anybody else may have it (leader election; OTP: `global`, and the singletons built on it). All hosts of
 * the cluster run the same, and one of them has the actor.
 *
 * When the lease runs out, the actor is asked to end (`shutdown`) `stopMs` before, and killed at the end; so it is if it resigns. Then this one
 * is a candidate again. When the actor ends by itself, the lease is given up and this one ends with the same reason: its supervisor
 * decides. Throws `LEASE_OPTION`.
 *
 * @example
 * const placer = elected(placement, { name: "placer" });
 * const tree = supervisor({ children: { leases, placer: child(placer, ({ refOf }) => [refOf(leases)]) } });
 */
export function elected<A extends readonly unknown[], M>(
  definition: Definition<[term: Term, ...args: A], M>,
  options: ElectedOptions,
): Definition<[leases: Ref<LeaseKeeperProtocol>, ...args: A], ElectedProtocol<M>> {
  const checked = checkElected(options);
  return actor({
    label: `elected ${checked.name}`,
    init(self: ServerSelf<Heard>, leases: Ref<LeaseKeeperProtocol>, ...args: A): Seat<A, M> {
      self.trapExits();
      const seat = new Seat(self, checked, leases, definition, args);
      seat.step((lease, nowMs) => lease.tick(nowMs));
      return seat;
    },
    call: { status: (seat): ElectedStatus<M> => seat.status },
    cast: { resign: (seat): void => seat.resign() },
    info: {
      lease_due: (seat) => seat.step((lease, nowMs) => lease.tick(nowMs)),
      lease_answer: (seat, { id, answer }: Extract<LeaseNews, { type: "lease_answer" }>) =>
        seat.step((lease, nowMs) => lease.answer(nowMs, id, answer)),
      lease_change: (seat, { change }: Extract<LeaseNews, { type: "lease_change" }>) =>
        seat.step((lease, nowMs) => lease.noticed(nowMs, change)),
      down: (seat, { monitor, reason }: Down) => seat.ended(monitor, reason),
      exit(seat, { from, reason }: Exit) {
        // Of the actor it hears by a monitor, which it cannot take away.
        if (reason !== "normal" && !seat.wasLeader(from)) this.stop(reason);
      },
    },
    *terminate(seat): Generator<Wait<unknown>, void, unknown> {
      yield* seat.leave();
    },
  });
}
