import { describe, expect, test } from "vitest";
import { actor, limits, process, type Call, type Ref, type Self } from "../../kernel/index.ts";
import { World } from "../support/bridge.ts";
import { note, outcome, probe, run, type Note } from "../support/probe.ts";

interface Go {
  readonly type: "go";
  readonly n: number;
}

function twoVms() {
  const world = new World();
  const [one, two] = [world.vm(1), world.vm(2)];
  const [a, b] = [probe(one.kernel), probe(two.kernel)];
  const bridge = world.bridge(1, 2);
  const toB = one.kernel.address("", 2, b.self.ref.serial) as never as Ref<Note>;
  const drain = (): void => {
    bridge.congested = false;
    one.kernel.peers.drained(one.kernel.peers.home("", 2));
  };
  return { world, one, two, a, b, bridge, toB, drain };
}

/** Each of its messages sends one to `to`, in the style asked for. */
const sender = (style: "sync" | "async" | "generator") =>
  actor({
    init: (_me, to: Ref<Note>) => ({ to }),
    info: {
      go({ to }, { n }: Go): unknown {
        const send = (): void => this.send(to, note(String(n)));
        if (style === "sync") return send();
        const { until } = this;
        const wait = () => until.call(this, Promise.resolve());
        if (style === "async")
          return (async () => {
            await wait();
            send();
          })();
        return (function* () {
          yield* wait();
          send();
        })();
      },
    },
  });

describe("back-pressure", () => {
  for (const style of ["sync", "async", "generator"] as const) {
    test(`back-pressure: a sender (${style}) into a congested carrier takes no message until that has drained`, async () => {
      const { one, a, b, bridge, toB, drain, world } = twoVms();
      const ref = a.self.spawn(sender(style), toB);
      await one.settle();
      bridge.congested = true;
      for (let n = 0; n < 5; n++) a.self.send(ref, { type: "go", n });
      await one.settle();
      expect(bridge.queue).toHaveLength(1);
      // Others go on.
      a.self.send(a.self.ref, note("alive"));
      await one.settle();
      expect(a.heard).toEqual(["note alive"]);
      drain();
      await one.settle();
      expect(bridge.queue).toHaveLength(5);
      world.run();
      expect(b.heard).toEqual(["note 0", "note 1", "note 2", "note 3", "note 4"]);
      expect(one.kernel.peers.holds).toBe(0);
    });
  }

  test("back-pressure: a process that sends in a loop with drained waits, and goes on where it was", async () => {
    for (const style of ["generator", "async"] as const) {
      const { one, a, bridge, toB, drain } = twoVms();
      const generator = process(function* (self: Self<Note>) {
        for (let n = 0; n < 10; n++) {
          self.send(toB, note(String(n)));
          yield* self.drained(toB);
        }
      });
      const async_ = process(async (self: Self<Note>) => {
        for (let n = 0; n < 10; n++) {
          self.send(toB, note(String(n)));
          await self.drained(toB);
        }
      });
      bridge.congested = true;
      a.self.spawn(style === "generator" ? generator : async_);
      await one.settle();
      expect(bridge.queue).toHaveLength(1);
      drain();
      for (let i = 0; i < 12; i++) await one.settle();
      expect(bridge.queue).toHaveLength(10);
    }
  });

  test("back-pressure: the loss of the VM lets those who wait for it go on", async () => {
    const { one, a, bridge, toB, world } = twoVms();
    const ref = a.self.spawn(sender("sync"), toB);
    bridge.congested = true;
    for (let n = 0; n < 3; n++) a.self.send(ref, { type: "go", n });
    await one.settle();
    const drained = a.self.drained(toB);
    world.lose(2);
    await one.settle();
    expect(outcome(drained)).toBeUndefined();
    expect(one.platform.events).toMatchObject([{ type: "dead-letter", count: 2, why: "noconnection" }]);
    expect(one.kernel.peers.holds).toBe(0);
  });

  test("back-pressure: one that waits can be killed, and leaves nothing behind", async () => {
    const { one, a, bridge, toB, drain } = twoVms();
    const ref = a.self.spawn(sender("sync"), toB);
    bridge.congested = true;
    a.self.send(ref, { type: "go", n: 0 });
    await one.settle();
    expect(one.kernel.peers.holds).toBe(1);
    a.self.exit(ref, "kill");
    expect(one.kernel.peers.holds).toBe(0);
    drain();
    await one.settle();
  });

  test("back-pressure: at the hard bound a send throws, a call fails, and both leave no trace", () => {
    const { one, a, bridge, toB } = twoVms();
    bridge.full = true;
    expect(() => a.self.send(toB, note(""))).toThrow(expect.objectContaining({ code: "CARRIER_FULL" }));
    expect(outcome(a.self.call(toB as Ref<never> as Ref<Call<"get", [], void>>, "get"))).toBe("CARRIER_FULL");
    expect([bridge.queue.length, one.kernel.calls.size, one.kernel.timers.size]).toEqual([0, 0, 0]);
  });
});

describe("saturation", () => {
  const half = limits.inboundBacklogMessagesMax / 2;

  function flooded(definition: Parameters<typeof setUp>[0]) {
    return setUp(definition);
  }

  function setUp(definition: ReturnType<typeof slow>) {
    const made = twoVms();
    const ref = made.b.self.spawn(definition);
    run(made.two.kernel);
    const to = made.one.kernel.address("", 2, ref.serial) as never as Ref<Go>;
    const flood = (count: number): void => {
      for (let n = 0; n < count; n++) made.a.self.send(to, { type: "go", n });
    };
    return { ...made, ref, flood };
  }

  const slow = (handled: { count: number }, kind: "sync" | "sleeps" | "asks") =>
    actor({
      init: (_me) => ({}),
      info: {
        async go(_s, _m: Go) {
          handled.count++;
          if (kind === "sleeps") await this.sleep(1e6);
          if (kind === "asks")
            await this.callWithin(Infinity, this.host, "boot", {} as never).catch(() => {});
        },
      },
    });

  test("saturation: a carrier is not read while its actor has too much to do, and is when it has caught up", () => {
    const handled = { count: 0 };
    const quick = actor({ init: () => ({}), info: { go: (_s, _m: Go) => void handled.count++ } });
    const { two, bridge, flood } = flooded(quick as never);
    flood(3 * limits.inboundBacklogMessagesMax);
    bridge.deliver();
    expect(bridge.saturated).toBe(true);
    expect(bridge.queue.length).toBe(2 * limits.inboundBacklogMessagesMax - 1);
    two.platform.sliceOver = () => handled.count >= half - limits.messagesPerActivation;
    while (bridge.saturated) two.kernel.turn();
    expect(handled.count).toBeGreaterThanOrEqual(half);
    two.platform.sliceOver = () => false;
    while (bridge.deliver() > 0) run(two.kernel);
    expect(handled.count).toBe(3 * limits.inboundBacklogMessagesMax);
  });

  test("saturation: one that sleeps within a handler is busy; its death, too, ends it", async () => {
    const { two, b, bridge, flood, ref } = flooded(slow({ count: 0 }, "sleeps"));
    flood(limits.inboundBacklogMessagesMax + 2);
    bridge.deliver();
    run(two.kernel);
    expect(bridge.saturated).toBe(true);
    b.self.exit(ref, "kill");
    expect(bridge.saturated).toBe(false);
  });

  test("saturation: not while it waits for an answer, or for a message: they may be behind the others", async () => {
    const asking = flooded(slow({ count: 0 }, "asks"));
    // The host is a VM that answers nothing.
    asking.world.vm(0);
    asking.flood(limits.inboundBacklogMessagesMax + 2);
    asking.bridge.deliver();
    expect(asking.bridge.saturated).toBe(true);
    await asking.two.settle();
    expect(asking.bridge.saturated).toBe(false);

    const picky = process(function* (self: Self<Go>) {
      yield* self.receive({ go: ({ n }) => n < 0 });
    });
    const receiving = flooded(picky as never);
    receiving.flood(limits.inboundBacklogMessagesMax + 2);
    receiving.bridge.deliver();
    run(receiving.two.kernel);
    expect(receiving.bridge.saturated).toBe(false);
  });

  test("saturation: two VMs whose actors flood each other do not wait for each other for ever", () => {
    const { world, one, two, a, b } = twoVms();
    const burst = limits.inboundBacklogMessagesMax + 1000;
    const got = { a: 0, b: 0 };
    const flooder = (name: "a" | "b") =>
      actor({
        init: () => ({}),
        info: { go: (_s, _m: Go) => void got[name]++ },
        cast: {
          flood(_s, to: Ref<Go>) {
            for (let n = 0; n < burst; n++) this.send(to, { type: "go", n });
          },
        },
      });
    const [x, y] = [a.self.spawn(flooder("a")), b.self.spawn(flooder("b"))];
    a.self.cast(x, "flood", one.kernel.address("", 2, y.serial) as never);
    b.self.cast(y, "flood", two.kernel.address("", 1, x.serial) as never);
    const [there, back] = [world.bridge(1, 2), world.bridge(2, 1)];
    there.congested = back.congested = true;
    run(one.kernel);
    run(two.kernel);
    expect([one, two].map(({ kernel }) => kernel.peers.holds)).toEqual([1, 1]);
    // A carrier that is congested for as long as more than a little waits in it.
    for (let i = 0; i < 50; i++) {
      for (const [bridge, from, to] of [
        [there, one, 2],
        [back, two, 1],
      ] as const) {
        bridge.deliver(1000);
        if (!bridge.congested || bridge.queue.length > 100) continue;
        bridge.congested = false;
        from.kernel.peers.drained(from.kernel.peers.home("", to));
      }
      run(one.kernel);
      run(two.kernel);
    }
    expect(got).toEqual({ a: burst, b: burst });
  });
});
