import { describe, expect, test } from "vitest";
import {
  actor,
  child,
  isMotesError,
  name,
  process,
  replace,
  service,
  serviceEvents,
  serviceStatus,
  supervisor,
  unikernel,
  vm,
  type Cast,
  type BootRequest,
  type BootResult,
  type ProtocolOf,
  type ProviderProtocol,
  type Ref,
  type Self,
  type ServiceEvent,
  type ServiceOptions,
  type ServiceProtocol,
  type ServiceStatus,
  type Siblings,
  type Wait,
} from "../../src/guest-api.ts";
import { simulate, type SimOptions, type Simulation } from "../../src/testing/index.ts";

/** Takes its time for a job; `bad` is the end of it. */
const worker = actor({
  label: "worker",
  init: () => ({ told: 0 }),
  call: {
    *work(_state, ms: number) {
      yield* this.sleep(ms);
      return this.ref.vm;
    },
    told: ({ told }) => told,
    bad: () => {
      throw new Error("as asked");
    },
  },
  cast: {
    *tell(state, ms: number) {
      yield* this.sleep(ms);
      state.told++;
    },
  },
});
const workerVm = unikernel({ name: "worker", root: worker });

const failing = unikernel({
  name: "failing",
  root: actor({
    init: (): object => {
      throw new Error("no start");
    },
    call: { work: (_state, ms: number) => ms },
  }),
});

const hanging = unikernel({
  name: "hanging",
  root: process(
    function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
      yield* self.sleep(1e9);
    },
    { ready: "explicit" },
  ),
});

type Shop = Ref<ProtocolOf<typeof worker> | ServiceProtocol>;
type Options = Partial<ServiceOptions<[], ProtocolOf<typeof worker>>>;

const room = name<ProviderProtocol>("room");

/** The clerk hears all events, and is asked for room. */
const clerk = actor({
  label: "clerk",
  init(
    self: Self<ServiceEvent | ProviderProtocol>,
    to: Ref<ServiceProtocol>,
  ): (ServiceEvent | BootRequest)[] {
    self.register(room);
    self.monitor(to);
    void serviceEvents(self, to);
    return [];
  },
  call: {
    boot(events, request: BootRequest): BootResult {
      events.push(request);
      return { type: "failed", reason: "no room here either" };
    },
  },
  info: {
    service(events, event: ServiceEvent) {
      events.push(event);
    },
    down() {},
  },
});

function treeOf(options: Options) {
  const shop = child(service({ entry: workerVm, ...options }), []);
  return supervisor({
    intensity: { restarts: 0, withinMs: 1000 },
    children: { shop, clerk: child(clerk, ({ refOf }) => [refOf(shop)]) },
  });
}

async function run(
  options: Options,
  script: (shop: Shop, sim: Simulation<never>) => Promise<void>,
  sim: SimOptions = {},
): Promise<readonly ServiceEvent[]> {
  const app = unikernel({ root: treeOf(options), vms: [workerVm, failing, hanging] });
  let seen: readonly ServiceEvent[] = [];
  let over = false;
  await simulate(app, {
    untilMs: 120_000,
    ...sim,
    steps: [
      [
        0,
        async (simulation: Simulation<ProtocolOf<ReturnType<typeof treeOf>>>) => {
          const children = await simulation.self.call(simulation.root, "children");
          await script(children.shop, simulation as never);
          over = true;
        },
      ],
    ] as never,
    atEnd: {
      over: (simulation: Simulation<never>) => {
        seen = (simulation.actors("clerk")[0]?.state ?? []) as readonly ServiceEvent[];
        return over;
      },
    },
  });
  return seen;
}

const stepsOf = (events: readonly ServiceEvent[]): readonly string[] => events.map(({ step }) => step);

async function codeOf(call: PromiseLike<unknown>): Promise<string> {
  try {
    await call;
    return "answered";
  } catch (problem) {
    if (!isMotesError(problem)) throw problem;
    const { reason } = problem.details as { readonly reason?: { readonly code?: string } };
    return reason?.code ?? problem.code;
  }
}

describe("service: from none to many, and back", () => {
  test("service: the first calls summon one VM, and it is reaped when it is idle", async () => {
    const events = await run({ vms: { min: 0, max: 1 }, idleMs: 3000 }, async (shop, { self }) => {
      expect((await serviceStatus(self, shop)).vms).toEqual([]);
      const vms = await Promise.all([1, 2, 3].map(() => self.call(shop, "work", 10)));
      expect(new Set(vms).size).toBe(1);
      await self.sleep(6000);
      expect((await serviceStatus(self, shop)).vms).toEqual([]);
      expect(await self.call(shop, "work", 1)).toBeGreaterThan(vms[0] ?? 0);
    });
    const round = ["summoned", "ready", "reaped", "stopped"];
    expect(stepsOf(events)).toEqual([...round, ...round]);
  });

  test("service: a burst is served by many VMs, no call fails, and then there is none", async () => {
    const scale = { callsPerVm: 4, everyMs: 100, upAfterMs: 100, downAfterMs: 1000 };
    const events = await run({ vms: { min: 0, max: 8 }, idleMs: 2000, scale }, async (shop, { self }) => {
      const used = new Set<number>();
      const client = async (): Promise<void> => {
        for (let i = 0; i < 50; i++) used.add(await self.callWithin(60_000, shop, "work", 5 * self.random()));
      };
      await Promise.all(Array.from({ length: 40 }, client));
      expect(used.size).toBe(8);
      await self.sleep(20_000);
      const { vms, wanted } = await serviceStatus(self, shop);
      expect({ vms, wanted }).toEqual({ vms: [], wanted: 0 });
    });
    expect(Math.max(...events.map(({ vms }) => vms))).toBe(8);
    expect(stepsOf(events)).not.toContain("lost");
  });

  test("service: what was cast to a VM that is retired is done before it ends", async () => {
    const scale = { everyMs: 100, depthPerVm: 2, upAfterMs: 0, downAfterMs: 1000 };
    await run({ vms: { min: 1, max: 4 }, scale, drainTimeoutMs: 1000 }, async (shop, sim) => {
      for (let i = 0; i < 40; i++) sim.self.cast(shop, "tell", 50);
      await sim.self.sleep(500);
      for (let i = 0; i < 40; i++) sim.self.cast(shop, "tell", 50);
      let told = 0;
      for (let i = 0; i < 200 && told < 80; i++) {
        const now = sim.vms.filter(({ entry }) => entry === "worker").map(({ actors }) => actors[0]?.state);
        told = Math.max(
          told,
          (now as { told: number }[]).reduce((sum, state) => sum + (state?.told ?? 0), 0),
        );
        await sim.self.sleep(50);
      }
      expect(told).toBe(80);
    });
  });

  test("service: a host without room leaves it as large as it is, and a provider is asked", async () => {
    const scale = { callsPerVm: 1, everyMs: 100, upAfterMs: 0 };
    // The program's own VM, and two for the service.
    const events = await run(
      { vms: { min: 1, max: 5 }, scale, provider: room },
      async (shop, { self }) => {
        const calls = Array.from({ length: 10 }, () => self.callWithin(60_000, shop, "work", 400));
        expect(new Set(await Promise.all(calls)).size).toBe(1);
        expect((await serviceStatus(self, shop)).vms.length).toBe(2);
      },
      { vmsMax: 3 },
    );
    expect(stepsOf(events)).toContain("out_of_room");
    // Requests have no step.
    expect(events).toContainEqual({ entry: "worker", args: [] });
  });
});

describe("service: when its VMs fail", () => {
  test("service: a boot that fails answers those who wait, and the next try waits longer", async () => {
    const entry = failing as never;
    const events = await run({ entry, vms: { min: 0, max: 1 } }, async (shop, { self }) => {
      for (let i = 0; i < 4; i++) {
        const calls = [1, 2, 3].map(() => codeOf(self.call(shop, "work", 1)));
        expect(await Promise.all(calls)).toEqual(["SERVICE_DOWN", "SERVICE_DOWN", "SERVICE_DOWN"]);
      }
    });
    const failed = events.filter(({ step }) => step === "boot_failed").map(({ atMs }) => atMs);
    const waits = failed.slice(1).map((atMs, n) => atMs - (failed[n] ?? 0));
    expect(waits.length).toBe(3);
    expect(waits[1]).toBeGreaterThan(1.5 * (waits[0] ?? 0));
    expect(waits[2]).toBeGreaterThan(1.5 * (waits[1] ?? 0));
  });

  test("service: one whose first VM does not start fails to start", async () => {
    await expect(run({ entry: failing as never }, async () => {})).rejects.toThrow(/no start/);
  });

  test("service: calls wait for the next VM, or fail at once if it is told so", async () => {
    await run({ intensity: { restarts: 1, withinMs: 1000 } }, async (shop, { self }) => {
      const bad = codeOf(self.call(shop, "bad"));
      const waiting = self.call(shop, "work", 1);
      expect(await bad).toBe("CALL_EXIT");
      expect(await codeOf(waiting)).toMatch(/answered|CALL_EXIT/);
      expect(await codeOf(self.call(shop, "work", 1))).toBe("answered");
    });
    await run({ whileDown: "fail", backoff: { firstMs: 500, maxMs: 500 } }, async (shop, { self }) => {
      await codeOf(self.call(shop, "bad"));
      await self.sleep(100);
      expect(await codeOf(self.call(shop, "work", 1))).toBe("SERVICE_DOWN");
      await self.sleep(600);
      expect(await codeOf(self.call(shop, "work", 1))).toBe("answered");
    });
  });

  test("service: one call too many is refused, and the others are answered", async () => {
    await run({ queueMax: 5, vms: { min: 0, max: 1 } }, async (shop, { self }) => {
      const codes = await Promise.all(Array.from({ length: 8 }, () => codeOf(self.call(shop, "work", 1))));
      const full = "SERVICE_QUEUE_FULL";
      expect(codes).toEqual([...Array.from({ length: 5 }, () => "answered"), full, full, full]);
    });
  });

  test("service: too many deaths end it, and its supervisor acts", async () => {
    const app = run({ intensity: { restarts: 2, withinMs: 5000 } }, async (shop, { self }) => {
      for (let i = 0; i < 3; i++) await codeOf(self.call(shop, "bad"));
      await self.sleep(100);
      expect(await codeOf(self.call(shop, "work", 1))).toBe("CALL_EXIT");
    });
    await app;
  });

  test("service: who gives up is forgotten, also behind the service", async () => {
    await run({}, async (shop, { self }) => {
      expect(await codeOf(self.callWithin(50, shop, "work", 1000))).toBe("CALL_TIMEOUT");
      const { vms }: ServiceStatus = await serviceStatus(self, shop);
      expect(vms.map(({ outstanding }) => outstanding)).toEqual([0]);
    });
  });

  test("service: without a state to hand over nobody waits, and a call in flight ends where it is", async () => {
    const events = await run({ drainTimeoutMs: 5000 }, async (shop, { self }) => {
      const long = self.call(shop, "work", 3000);
      const report = replace(self, shop);
      await self.sleep(500);
      const startedMs = self.now();
      const fresh = await self.call(shop, "work", 1);
      expect(self.now() - startedMs).toBeLessThan(100);
      expect(fresh).toBeGreaterThan(await long);
      expect(await report).toMatchObject({ ok: true });
      const endless = self.callWithin(20_000, shop, "work", 10_000);
      expect(await replace(self, shop)).toMatchObject({ error: "REPLACE_TIMEOUT" });
      expect(await endless).toBe(fresh);
      expect(await self.call(shop, "work", 1)).toBe(fresh);
    });
    expect(stepsOf(events)).not.toContain("paused");
  });

  test("service: a VM that dies while its successor boots is booted again at once", async () => {
    await run({}, async (shop, sim) => {
      const report = replace(sim.self, shop, { entry: hanging });
      await sim.self.sleep(200);
      sim.kill("worker");
      await sim.self.sleep(5);
      expect(await codeOf(sim.self.callWithin(1000, shop, "work", 1))).toBe("answered");
      expect(await report).toMatchObject({ error: "REPLACE_NOT_READY" });
      expect(await codeOf(sim.self.call(shop, "work", 1))).toBe("answered");
    });
  });

  test("service: a replacement of one that has no VM is tried out, and stays for the next", async () => {
    await run({ vms: { min: 0, max: 1 } }, async (shop, { self }) => {
      expect(await replace(self, shop)).toMatchObject({ ok: true });
      expect(await replace(self, shop, { entry: failing })).toMatchObject({ error: "REPLACE_NOT_READY" });
      expect(await codeOf(self.call(shop, "work", 1))).toBe("answered");
    });
  });
});

/** Says as much as it can, as fast as it can. */
const flooder = actor({
  label: "flooder",
  init: (_self, to: Ref<Tell>) => ({ to }),
  call: {
    *flood({ to }, count: number) {
      for (let n = 1; n <= count; n++) {
        this.cast(to, "tell", n, "x".repeat(1000));
        if (n % 100 === 0) yield* this.sleep(0);
      }
    },
  },
});
type Tell = Cast<"tell", [n: number, text: string]>;

const slow = actor({
  label: "slow",
  init: () => ({ last: 0 }),
  cast: {
    *tell(state, n: number, _text: string) {
      if (n !== state.last + 1) throw new TypeError(`${n} after ${state.last}`);
      state.last = n;
      if (n % 20 === 0) yield* this.sleep(10);
    },
  },
  call: { last: ({ last }) => last },
});

test("service: who says more than its VM can take is held back, and nothing of it is lost", async () => {
  const [flooderVm, slowVm] = [
    unikernel({ name: "flooder", root: flooder }),
    unikernel({ name: "slow", root: slow }),
  ];
  const front = child(service({ entry: slowVm }), []);
  const root = supervisor({ children: { front, flooder: vm(flooderVm, ({ refOf }) => [refOf(front)]) } });
  const count = 22_000;
  let most = 0;
  await simulate(unikernel({ root, vms: [flooderVm, slowVm] }), {
    untilMs: 60_000,
    steps: [
      [
        0,
        async ({ self, root: tree }) => {
          const children = await self.call(tree, "children");
          const done = self.callWithin(Infinity, children.flooder, "flood", count);
          for (let last = 0; last < count; ) {
            await self.sleep(500);
            most = Math.max(most, (await serviceStatus(self, children.front)).waiting);
            const state = self.callWithin(60_000, children.front, "last");
            last = await state.catch(() => 0);
          }
          await done;
        },
      ],
    ],
    atEnd: {
      // It was held back at the service, and by it.
      held: () => {
        expect(most).toBeGreaterThan(4096);
        expect(most).toBeLessThan(8192 + 1500);
      },
    },
  });
}, 120_000);

/** Now and then it has a few questions, each of which must come to an end. */
const visitor = process(
  function* (self: Self<never>, to: Shop): Generator<Wait<unknown>, void, unknown> {
    for (;;) {
      yield* self.sleep(1500 * self.random() ** 2);
      for (let left = Math.floor(12 * self.random()); left > 0; left--) {
        try {
          yield* self.callWithin(15_000, to, self.random() < 0.02 ? "bad" : "work", 20 * self.random());
        } catch (problem) {
          if (isMotesError(problem, "CALL_TIMEOUT"))
            throw new TypeError(`nobody answers: ${problem.message}`, { cause: problem });
        }
      }
    }
  },
  { label: "visitor" },
);

test("service: whatever dies while it is summoned, scaled and reaped, each call comes to an end", async () => {
  const visitorVm = unikernel({ name: "visitor", root: visitor });
  const options: Options = {
    vms: { min: 0, max: 4 },
    idleMs: 700,
    scale: { callsPerVm: 1, everyMs: 100, upAfterMs: 100, downAfterMs: 300 },
    intensity: { restarts: 1000, withinMs: 1000 },
  };
  const front = child(service({ entry: workerVm, ...options }), []);
  const guests = Array.from({ length: 5 }, (_, n) => {
    const args = ({ refOf }: Siblings): [Shop] => [refOf(front)];
    return [`visitor-${n}`, vm(visitorVm, args)] as const;
  });
  const root = supervisor({
    intensity: { restarts: 1000, withinMs: 1000 },
    children: [["front", front], ...guests],
  });
  const app = unikernel({ root, vms: [workerVm, visitorVm] });
  const seeds = Number(globalThis.process.env["SEEDS"] ?? 3);
  for (let seed = 1; seed <= seeds; seed++)
    await simulate(app, {
      seed,
      untilMs: 40_000,
      faults: {
        kill: { everyMs: 700 },
        crash: { everyMs: 3000 },
        pause: { everyMs: 2000, forMs: [1, 1000] },
        slow: { everyMs: 2000 },
        hold: { everyMs: 2000 },
      },
      vmsMax: seed % 2 === 0 ? 8 : 100,
    });
}, 3_000_000);
