/** Handlers that await, tasks, a registry and groups: what settles later must not reach who is gone. */
import {
  actor,
  groups,
  isMotesError,
  process,
  registry,
  task,
  unikernel,
  type Call,
  type ProtocolOf,
  type Ref,
  type Self,
  type Wait,
} from "../../../kernel/index.ts";
import { child, supervisor, vm } from "../../../supervisors/index.ts";

const desks = registry<string, Call<"work", [n: number], number>>("desks");
const shift = groups<string, Call<"work", [n: number], number>>("shift");

const clerk = actor({
  label: "clerk",
  init: (self: Self<Call<"work", [n: number], number>>, desk: string) => {
    desks.register(self, desk);
    shift.join(self, "all");
    return { self, busy: false };
  },
  call: {
    async work(state, n: number) {
      if (state.busy) throw new Error("two at once");
      state.busy = true;
      const work = task(state.self, async (inner: Self<never>) => {
        await inner.sleep(inner.random() * 10);
        if (inner.random() < 0.05) throw new Error("spilt the ink");
        return n + 1;
      });
      const result = await work;
      state.busy = false;
      return result;
    },
  },
});

const office = supervisor({
  label: "office",
  intensity: { restarts: 10_000, withinMs: 1000 },
  children: { a: child(clerk, ["a"]), b: child(clerk, ["b"]) },
});

const officeVm = unikernel({ name: "office", root: office });

const customer = process(
  function* (self: Self<never>, to: OfficeRef): Generator<Wait<unknown>, void, unknown> {
    for (let n = 0; ; n++) {
      try {
        const { a, b } = yield* self.call(to, "children");
        const answer = yield* self.callWithin(500, self.random() < 0.5 ? a : b, "work", n);
        if (answer !== n + 1) throw new Error(`${n} became ${answer}`);
      } catch (problem) {
        if (!isMotesError(problem)) throw problem;
      }
      yield* self.sleep(self.random() * 20);
    }
  },
  { label: "customer" },
);

type OfficeRef = Ref<ProtocolOf<typeof office>>;

const [here, there] = [child(office, []), vm(officeVm, [])];

const root = supervisor({
  label: "town",
  intensity: { restarts: 10_000, withinMs: 1000 },
  children: {
    here,
    there,
    one: child(customer, ({ refOf }) => [refOf(here)]),
    two: child(customer, ({ refOf }) => [refOf(there)]),
    three: child(customer, ({ refOf }) => [refOf(there)]),
  },
});

export const town = unikernel({ name: "town", root, vms: [officeVm] });
