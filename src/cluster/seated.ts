/** The server around a seat: what `elected` and `registered` have in common. It announces itself to its host, so that `whereis` finds it. */
import {
  actor,
  announce,
  type Definition,
  type Down,
  type Exit,
  type Ref,
  type ServerSelf,
  type Wait,
} from "../../kernel/index.ts";
import { announced } from "./cluster-name.ts";
import type { CheckedElected } from "./elected-options.ts";
import type { ElectedProtocol, ElectedStatus, Heard } from "./elected-protocol.ts";
import type { LeaseKeeperProtocol } from "./lease-keeper.ts";
import { Seat, type Tenant } from "./seat.ts";

type Steps<T> = Generator<Wait<unknown>, T, unknown>;

export function seated<A extends readonly unknown[], M>(
  checked: CheckedElected,
  tenantOf: (self: ServerSelf<Heard>, ...args: A) => Tenant<M>,
): Definition<[keeper: Ref<LeaseKeeperProtocol>, ...args: A], ElectedProtocol<M>> {
  const hear = (seat: Seat<M>, message: Heard): void => seat.hear(message);
  return actor({
    label: `elected ${checked.name}`,
    *init(self: ServerSelf<Heard>, keeper: Ref<LeaseKeeperProtocol>, ...args: A): Steps<Seat<M>> {
      self.trapExits();
      const seat = new Seat(self, checked, keeper, tenantOf(self, ...args));
      yield* announce(self, announced<ElectedProtocol<M>>(checked.name));
      yield* seat.begin();
      return seat;
    },
    call: { status: (seat): ElectedStatus<M> => seat.status },
    cast: { resign: (seat): void => seat.resign() },
    info: {
      lease_due: hear,
      lease_answer: hear,
      lease_change: hear,
      down: (seat, { monitor, reason }: Down) => seat.ended(monitor, reason),
      exit(seat, { from, reason }: Exit) {
        // Of the actor it hears by a monitor, which it cannot take away.
        if (reason !== "normal" && !seat.wasLeader(from)) this.stop(reason);
      },
    },
    *terminate(seat): Steps<void> {
      yield* seat.leave();
    },
  });
}
