import { describe, expect, test } from "vitest";
import { type Cell, type Ref } from "../../kernel/index.ts";
import { isAlive, note, outcome, probe } from "../support/probe.ts";
import { counter, mute, twoVms, type Counter } from "../support/two-vms.ts";

describe("a slot whose child lives in a third VM", () => {
  function three() {
    const made = twoVms();
    const third = made.world.vm(3);
    const c = probe(third.kernel);
    // VM 2 owns the slot, the child lives in VM 3, VM 1 uses it.
    const owner = made.two.kernel.entry(made.b.self.ref.serial) as Cell;
    const slot = made.two.kernel.slot(owner);
    const lead = (ref: Ref<never>): void => slot.lead(made.two.kernel.address("", 3, ref.serial));
    const to = made.one.kernel.address("", 2, slot.ref.serial) as never as Ref<Counter>;
    return { ...made, third, c, slot, lead, to };
  }

  test("relay: send, cast, call and exit go on to it", () => {
    const { world, a, c, lead, to, third } = three();
    const ref = c.self.spawn(counter);
    lead(ref);
    a.self.cast(to, "put", 5);
    const call = a.self.call(to, "add", 1);
    world.run();
    expect(outcome(call)).toBe(6);
    a.self.exit(to, "kill");
    world.run();
    expect(isAlive(third.kernel, ref)).toBe(false);
  });

  test("relay: a monitor fires with the reason, and names whom one believed to watch", () => {
    const { world, a, c, lead, to } = three();
    const ref = c.self.spawn(counter);
    lead(ref);
    const id = a.self.monitor(to);
    world.run();
    c.self.exit(ref, "boom");
    world.run();
    expect(a.downs).toMatchObject([{ monitor: id, reason: "boom" }]);
    expect(a.heard).toEqual([`down ${to.toString()} boom`]);
  });

  test("relay: the end of the child, or the loss of its VM, is the answer to a call", () => {
    for (const lose of [false, true]) {
      const { world, a, c, lead, to } = three();
      const ref = c.self.spawn(mute);
      lead(ref);
      const call = a.self.call(to, "get");
      const watch = a.self.monitor(to);
      world.run();
      if (lose) world.lose(3);
      else c.self.exit(ref, "boom");
      world.run();
      expect(outcome(call)).toBe("CALL_EXIT");
      expect(a.downs).toMatchObject([{ monitor: watch, reason: lose ? "noconnection" : "boom" }]);
    }
  });

  test("relay: a call that is given up is forgotten on the whole way", () => {
    const { world, one, two, third, a, c, lead, to } = three();
    const ref = c.self.spawn(mute);
    lead(ref);
    const call = a.self.callWithin(10, to, "get");
    world.run();
    expect((third.kernel.entry(ref.serial) as Cell).unanswered).not.toBeNull();
    one.platform.nowMs = 10;
    world.run();
    expect(outcome(call)).toBe("CALL_TIMEOUT");
    expect((third.kernel.entry(ref.serial) as Cell).unanswered).toBeNull();
    expect([one, two, third].map(({ kernel }) => kernel.calls.size)).toEqual([0, 0, 0]);
  });

  test("relay: a full way on refuses the call and drops the message, and harms nobody on the way", () => {
    const { world, two, a, b, c, lead, to, toB } = three();
    lead(c.self.spawn(counter));
    world.bridge(2, 3).full = true;
    a.self.cast(to, "put", 1);
    const call = a.self.call(to, "get");
    a.self.send(toB, note("behind them"));
    world.run();
    expect(outcome(call)).toBe("CALL_REFUSED");
    expect(b.heard).toEqual(["note behind them"]);
    expect(two.platform.events).toMatchObject([{ type: "dead-letter", why: "refused" }]);
    expect(two.kernel.calls.size).toBe(0);
  });

  test("relay: a slot that leads nowhere is nobody", () => {
    const { world, a, to } = three();
    const call = a.self.call(to, "get");
    a.self.monitor(to);
    world.run();
    expect(outcome(call)).toBe("CALL_EXIT");
    expect(a.heard).toEqual([`down ${to.toString()} noproc`]);
  });
});
