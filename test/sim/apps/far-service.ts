/**
 * A service of three VMs on the host `a`, which has room for one of them: the others are on `b` and `c`. Customers here and there call
 * it, and each call comes to an end, with its own answer if any. Once nothing goes wrong any more there are three again.
 */
import {
  actor,
  isMotesError,
  process,
  unikernel,
  type Call,
  type Ref,
  type Self,
  type Wait,
} from "../../../kernel/index.ts";
import type { Simulation } from "../../../src/testing/index.ts";
import { child, service, supervisor, vm } from "../../../supervisors/index.ts";

class Disorder extends Error {
  override name = "Disorder";
}

const clerk = actor({
  label: "clerk",
  init: () => ({ done: 0 }),
  call: {
    *work(state, n: number) {
      yield* this.sleep(this.random() * 20);
      state.done++;
      return n + 1;
    },
  },
});
const clerkVm = unikernel({ name: "clerk", root: clerk });

const office = service({
  entry: clerkVm,
  vms: 3,
  elsewhere: "any",
  boot: { bootTimeoutMs: 300 },
  intensity: { restarts: 1000, withinMs: 1000 },
  backoff: { firstMs: 10, maxMs: 100 },
});

const customer = process(
  function* (
    self: Self<never>,
    to: Ref<Call<"work", [n: number], number>>,
  ): Generator<Wait<unknown>, void, unknown> {
    for (let n = 1; ; n++) {
      try {
        const answer = yield* self.callWithin(Infinity, to, "work", n);
        if (answer !== n + 1) throw new Disorder(`${n} became ${answer}`);
      } catch (problem) {
        if (!isMotesError(problem)) throw problem;
      }
      yield* self.sleep(5 + self.random() * 20);
    }
  },
  { label: "customer" },
);
const customerVm = unikernel({ name: "customer", root: customer });

const backoff = { firstMs: 10, maxMs: 100 };
const desk = child(office, []);

const root = supervisor({
  label: "far-service",
  intensity: { restarts: 1000, withinMs: 1000 },
  children: {
    desk,
    near: child(customer, ({ refOf }) => [refOf(desk)]),
    far: vm(customerVm, ({ refOf }) => [refOf(desk)], { host: "b", bootTimeoutMs: 300, backoff }),
  },
});

export const farService = unikernel({ name: "far-service", root, vms: [clerkVm, customerVm] });

/** What it holds at the end. */
export function servesAgain(sim: Simulation<never>): string | undefined {
  const clerks = sim.vms.filter(({ entry }) => entry === "clerk").length;
  const customers = sim.actors("customer").length;
  // The one on `b` may find no room there.
  return clerks === 3 && customers >= 1 ? undefined : `${clerks} clerks and ${customers} customers live`;
}
