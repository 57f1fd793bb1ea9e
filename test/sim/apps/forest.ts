/** Supervisors of every kind, nested over VMs, whose workers crash by chance, ignore their shutdown, or start slowly. */
import {
  process,
  unikernel,
  type ProtocolOf,
  type Ref,
  type Self,
  type Wait,
} from "../../../kernel/index.ts";
import {
  child,
  dynamicSupervisor,
  supervisor,
  template,
  vm,
  type Strategy,
} from "../../../supervisors/index.ts";

interface Temper {
  /** Chance of an end each time it wakes. */
  readonly ends: number;
  readonly how: "crash" | "return";
  readonly stubborn?: boolean;
  readonly slowMs?: number;
}

const worker = process(
  function* (
    self: Self<never>,
    { ends, how, stubborn = false, slowMs = 0 }: Temper,
  ): Generator<Wait<unknown>, void, unknown> {
    self.trapExits(stubborn);
    if (slowMs > 0) yield* self.sleep(self.random() * slowMs);
    self.ready();
    for (;;) {
      yield* self.sleep(5 + self.random() * 50);
      if (self.random() >= ends) continue;
      if (how === "return") return;
      throw new Error("bad luck");
    }
  },
  { label: "worker", ready: "explicit" },
);

const often = { restarts: 3, withinMs: 1000 };

const branch = (strategy: Strategy) =>
  supervisor({
    label: strategy,
    strategy,
    intensity: often,
    children: {
      first: child(worker, [{ ends: 0.02, how: "crash" }]),
      slow: child(worker, [{ ends: 0.01, how: "return", slowMs: 30 }], { restart: "transient" }),
      stubborn: child(worker, [{ ends: 0.01, how: "crash", stubborn: true }], { shutdown: 20 }),
      brief: child(worker, [{ ends: 0.1, how: "crash" }], { restart: "temporary" }),
    },
  });

const pool = dynamicSupervisor({
  label: "pool",
  intensity: often,
  child: template(worker, { restart: "transient" }),
});

/** Keeps a pool busy. */
const feeder = process(
  function* (self: Self<never>, to: PoolRef): Generator<Wait<unknown>, void, unknown> {
    for (;;) {
      const { workers } = yield* self.call(to, "countChildren");
      if (workers < 6)
        yield* self.call(to, "startChild", { ends: 0.1, how: self.random() < 0.5 ? "crash" : "return" });
      yield* self.sleep(40);
    }
  },
  { label: "feeder" },
);

type PoolRef = Ref<ProtocolOf<typeof pool>>;

const pooled = child(pool, []);
const fed = supervisor({
  label: "fed",
  strategy: "rest_for_one",
  intensity: often,
  children: { pool: pooled, feeder: child(feeder, ({ refOf }) => [refOf(pooled)]) },
});

const leafVm = unikernel({ name: "leaf", root: branch("one_for_all") });
const fedVm = unikernel({ name: "fed", root: fed });
const branchVm = unikernel({
  name: "branch",
  vms: [leafVm],
  root: supervisor({
    label: "branch",
    strategy: "one_for_one",
    intensity: often,
    children: { leaf: vm(leafVm, []), here: child(branch("rest_for_one"), []) },
  }),
});

const root = supervisor({
  label: "forest",
  intensity: { restarts: 10_000, withinMs: 1000 },
  children: {
    one: child(branch("one_for_one"), []),
    fed: vm(fedVm, []),
    branch: vm(branchVm, []),
    rest: child(branch("rest_for_one"), []),
  },
});

export const forest = unikernel({ name: "forest", root, vms: [fedVm, branchVm] });
