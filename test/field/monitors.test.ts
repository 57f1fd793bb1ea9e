import { describe, expect, test } from "vitest";
import { actor, process, sys, type Ref } from "../../kernel/index.ts";
import { note, probe, run } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";
import { leaks, seenFrom, twoVms } from "../support/two-vms.ts";

/** What monitors and links elsewhere got wrong: the list is docs/field-mistakes.md. */
const idle = actor({ init: () => 0 });

describe("field: monitors and links", () => {
  test("a monitor of an actor in another VM fires, for its end, for the end of its VM, and when it never was there", () => {
    const { world, one, a, b, toB } = twoVms();
    const other = seenFrom(one.kernel, b.self.spawn(idle));
    world.run();
    a.self.monitor(toB);
    a.self.monitor(other);
    a.self.monitor(one.kernel.address("", 2, 999_999) as never);
    a.self.monitor(one.kernel.address("", 77, 1) as never);
    world.run();
    b.self.exit(b.self.ref, "kill");
    world.run();
    world.lose(2);
    world.run();
    expect(a.downs.map(({ reason }) => reason)).toEqual(["noconnection", "noproc", "killed", "noconnection"]);
  });

  test("two monitors of one actor, from one watcher or from two of one VM, are two", () => {
    const { world, one, a, b, toB } = twoVms();
    const second = probe(one.kernel);
    const taken = a.self.monitor(toB);
    a.self.monitor(toB);
    second.self.monitor(toB);
    world.run();
    a.self.demonitor(taken);
    b.self.exit(b.self.ref, "kill");
    world.run();
    expect([a.downs.length, second.downs.length]).toEqual([1, 1]);
  });

  test("bookkeeping of the dead goes on both sides: 1,000 watchers and watched leave nothing in one who lives", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const watcher = process(function* (me, target: Ref<never>) {
      me.monitor(target);
      me.trapExits();
      me.link(target);
      yield* me.receive("note" as never);
    });
    for (let n = 0; n < 1000; n++) {
      const ref = self.spawn(watcher, self.ref);
      self.monitor(ref);
      run(kernel);
      self.exit(ref, "kill");
      run(kernel);
    }
    expect(sys.info(self.ref)).toMatchObject({ links: 0, monitors: 0, watchers: 0 });
    expect([...kernel.actors()].length).toBe(1);
  });

  test("the same between two VMs", () => {
    const { world, one, two, a, b, toA } = twoVms();
    const watcher = process(function* (me, target: Ref<never>) {
      me.trapExits();
      me.monitor(target);
      me.link(target);
      yield* me.receive("note" as never);
    });
    for (let n = 0; n < 200; n++) {
      const ref = b.self.spawn(watcher, toA);
      world.run();
      a.self.monitor(seenFrom(one.kernel, ref));
      world.run();
      b.self.exit(ref, "kill");
      world.run();
    }
    expect(a.downs.length).toBe(200);
    expect(sys.info(a.self.ref)).toMatchObject({ links: 0, monitors: 0, watchers: 0 });
    // What is counted is actors with ties to a VM: both of them have had some.
    expect(leaks(one, two).map((left) => (left as number[]).slice(0, 3))).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });

  test("an exit that comes after its sender was told to be unlinked does not hit it", () => {
    const { world, one, two, a, b, toB } = twoVms(false);
    a.self.link(toB);
    world.run();
    a.self.unlink(toB);
    b.self.exit(b.self.ref, "boom");
    world.run();
    expect([[...one.kernel.actors()].length, [...two.kernel.actors()].length]).toEqual([1, 0]);
  });

  test("control signals find room where messages are refused", () => {
    const { world, a, b, toB } = twoVms();
    a.self.link(toB);
    world.run();
    world.bridge(1, 2).full = true;
    expect(() => a.self.send(toB, note("x"))).toThrow(expect.objectContaining({ code: "CARRIER_FULL" }));
    a.self.monitor(toB);
    a.self.exit(a.self.ref, "kill");
    world.run();
    expect(b.heard).toEqual([`exit ${a.self.ref.toString()} killed`]);
  });

  test("one VM that is lost takes nobody's bonds with a third along", () => {
    const { world, one, a, b, toB } = twoVms();
    const three = world.vm(3);
    const c = probe(three.kernel);
    a.self.monitor(toB);
    a.self.monitor(seenFrom(one.kernel, c.self.ref));
    world.run();
    world.lose(3);
    world.run();
    expect(a.downs.map(({ from }) => from.toString())).toEqual([c.self.ref.toString()]);
    b.self.exit(b.self.ref, "kill");
    world.run();
    expect(a.downs.length).toBe(2);
  });
});
