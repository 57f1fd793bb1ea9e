import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  actor,
  CallMessage,
  cellOf,
  process,
  refTo,
  type Carrier,
  type Cell,
  type Ref,
  type Self,
} from "../../kernel/index.ts";
import { isAlive, note, outcome, probe, type Note } from "../support/probe.ts";
import { counter, leaks, mute, seenFrom, twoVms, type Counter } from "../support/two-vms.ts";

describe("two VMs", () => {
  test("remote: send, cast and call", () => {
    const { world, one, two, a, b, toB } = twoVms();
    const ref = seenFrom(one.kernel, b.self.spawn(counter));
    a.self.send(toB, note("hello"));
    a.self.cast(ref, "put", 5);
    const call = a.self.call(ref, "add", 2);
    expect(outcome(call)).toBe("open");
    world.run();
    expect(b.heard).toEqual(["note hello"]);
    expect(outcome(call)).toBe(7);
    expect(leaks(one, two)).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  test("remote: an address that comes back leads to the actor itself", () => {
    const { world, one, a, b, toA } = twoVms();
    interface Hello {
      readonly type: "hello";
      readonly from: Ref<Note>;
    }
    const echo = actor({
      init: () => ({}),
      info: {
        hello(_s, { from }: Hello) {
          this.send(from, note("back"));
        },
      },
    });
    const ref = seenFrom(one.kernel, b.self.spawn(echo));
    a.self.send(ref, { type: "hello", from: a.self.ref });
    world.run();
    expect(a.heard).toEqual(["note back"]);
    expect(one.kernel.address("", 1, toA.serial)).toBe(a.self.ref);
  });

  test("remote: order holds across send, call, exit, link and monitor", () => {
    const { world, a, b, toA, toB } = twoVms();
    b.self.monitor(toA);
    b.self.link(toA);
    world.run();
    a.self.send(toB, note("1"));
    a.self.exit(toB, "by hand");
    void a.self.callWithin(Infinity, toB as Ref<never> as Ref<Counter>, "get");
    a.self.send(toB, note("2"));
    a.self.exit(a.self.ref, "kill");
    world.run();
    expect(b.heard).toEqual([
      "note 1",
      "exit <1.1> by hand",
      "call get",
      "note 2",
      "exit <1.1> killed",
      "down <1.1> killed",
    ]);
  });

  test("remote: what names nobody: messages are dead letters, calls, links and monitors hear noproc", () => {
    const { world, one, two, a, b, toB } = twoVms();
    b.self.exit(b.self.ref, "kill");
    world.run();
    a.self.send(toB, note("lost"));
    const call = a.self.call(toB as Ref<never> as Ref<Counter>, "get");
    a.self.link(toB);
    a.self.monitor(toB);
    a.self.exit(toB, "kill");
    world.run();
    expect(a.heard).toEqual(["exit <2.1> noproc", "down <2.1> noproc"]);
    expect(() => call.next()).toThrow(
      expect.objectContaining({ code: "CALL_EXIT", details: expect.objectContaining({ reason: "noproc" }) }),
    );
    expect(two.platform.events).toMatchObject([{ type: "dead-letter", to: "<2.1>", why: "noproc" }]);
    a.self.stop();
    world.run();
    expect(leaks(one, two)).toEqual([
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
  });

  test("remote: an end goes through a link in both directions, once, and unlink stops it", () => {
    for (const unlink of [false, true]) {
      const { world, a, b, toA, toB } = twoVms();
      a.self.link(toB);
      a.self.link(toB);
      b.self.link(toA);
      world.run();
      if (unlink) b.self.unlink(toA);
      world.run();
      a.self.stop("boom");
      world.run();
      expect(b.heard).toEqual(unlink ? [] : ["exit <1.1> boom"]);
    }
  });

  test("remote: after unlink no exit comes, also if it was on its way", () => {
    const { world, a, b, toA } = twoVms();
    b.self.link(toA);
    world.run();
    a.self.exit(a.self.ref, "kill");
    b.self.unlink(toA);
    world.run();
    expect(b.heard).toEqual([]);
  });

  test("remote: links and an unlink that cross on the way leave nothing that keeps a later link from holding", () => {
    const { world, a, b, toA, toB } = twoVms();
    a.self.link(toB);
    b.self.link(toA);
    a.self.unlink(toB);
    world.run();
    a.self.link(toB);
    world.run();
    b.self.stop("boom");
    world.run();
    expect(a.heard).toEqual(["exit <2.1> boom"]);
  });

  test("remote: whatever links and unlinks cross on the way, both ends agree in the end", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a links", "b links", "a unlinks", "b unlinks", "a hears", "b hears"), {
          maxLength: 30,
        }),
        (steps) => {
          const { world, one, two, a, b, toA, toB } = twoVms();
          for (const step of steps) {
            if (step === "a links") a.self.link(toB);
            else if (step === "b links") b.self.link(toA);
            else if (step === "a unlinks") a.self.unlink(toB);
            else if (step === "b unlinks") b.self.unlink(toA);
            else world.hear((step === "a hears" ? one : two).kernel);
          }
          world.run();
          const links = [a, b].map(({ self }) => cellOf(self).bonds?.links.size ?? 0);
          expect(links[0]).toBe(links[1]);
          expect([a, b].map(({ self }) => cellOf(self).bonds?.unlinking.size ?? 0)).toEqual([0, 0]);
        },
      ),
    );
  });

  test("remote: monitors fire once, and not after a demonitor", () => {
    const { world, a, b, toB } = twoVms();
    const ids = [a.self.monitor(toB), a.self.monitor(toB), a.self.monitor(toB)] as const;
    world.run();
    a.self.demonitor(ids[0]);
    world.run();
    b.self.exit(b.self.ref, "kill");
    a.self.demonitor(ids[1]);
    world.run();
    expect(a.downs.map(({ monitor, reason }) => [monitor, reason])).toEqual([[ids[2], "killed"]]);
  });

  test("remote: a call times out, and its late answer is never seen", async () => {
    const { world, one, a, b } = twoVms();
    const calls: CallMessage[] = [];
    const holder = process(function* (self: Self<Counter>) {
      for (;;) {
        const message = yield* self.receive("$call");
        if (message instanceof CallMessage) calls.push(message);
      }
    });
    const ref = seenFrom(one.kernel, b.self.spawn(holder));
    const call = a.self.callWithin(10, ref, "get");
    world.run();
    one.platform.nowMs = 10;
    world.run();
    expect(outcome(call)).toBe("CALL_TIMEOUT");
    calls[0]?.reply(1);
    world.run();
    expect(outcome(call)).toBe("CALL_TIMEOUT");
    // The callee has forgotten it.
    expect((calls[0] as CallMessage).waiting).toBe(false);
  });

  test("remote: a caller that ends is forgotten by the callee, and nothing of the call is left", () => {
    const { world, one, two, a, b } = twoVms();
    const ref = b.self.spawn(mute);
    void a.self.callWithin(Infinity, seenFrom(one.kernel, ref), "get");
    world.run();
    expect((two.kernel.entry(ref.serial) as Cell).unanswered).not.toBeNull();
    a.self.exit(a.self.ref, "kill");
    world.run();
    expect((two.kernel.entry(ref.serial) as Cell).unanswered).toBeNull();
    expect(leaks(one)).toEqual([[0, 0, 0, 0]]);
  });

  test("remote: what cannot be copied is refused at the send, and nothing is left of a refused call", () => {
    const { world, one, a, b, toB } = twoVms();
    const ref = seenFrom(one.kernel, b.self.spawn(counter));
    const bad = { type: "note", text: (() => {}) as never } as const;
    expect(() => a.self.send(toB, bad)).toThrow(expect.objectContaining({ code: "MESSAGE_NOT_COPYABLE" }));
    const call = a.self.call(ref, "add", (() => {}) as never);
    expect(outcome(call)).toBe("MESSAGE_NOT_COPYABLE");
    world.run();
    expect([a.heard, b.heard, one.kernel.calls.size]).toEqual([[], [], 0]);
  });

  test("remote: an answer that cannot be copied ends the callee, and the caller hears why", () => {
    const { world, one, two, a, b } = twoVms();
    const odd = actor({ init: () => ({}), call: { get: () => () => 1 } });
    const ref = b.self.spawn(odd);
    const call = a.self.call(seenFrom(one.kernel, ref), "get");
    world.run();
    expect(() => call.next()).toThrow(expect.objectContaining({ code: "CALL_EXIT" }));
    expect(isAlive(two.kernel, ref)).toBe(false);
  });

  test("remote: nobody can forge an exit or a down, answer another's call, or fire another's monitor", () => {
    const { world, one, a, b, toB } = twoVms();
    const third = world.vm(3);
    const c = probe(third.kernel);
    const cToA = seenFrom(third.kernel, a.self.ref);
    c.self.send(cToA, { type: "exit", from: cToA, reason: "forged" } as never);
    c.self.send(cToA, { type: "down", monitor: 1, from: cToA, reason: "forged" } as never);
    const id = a.self.monitor(toB);
    const call = a.self.callWithin(Infinity, seenFrom(one.kernel, b.self.spawn(mute)), "get");
    world.run();
    const { queue } = world.bridge(3, 1);
    const inbound = one.kernel.inbound(one.kernel.peers.home("", 3));
    queue.push(() => inbound.reply([...one.kernel.calls.keys()][0] as number, true, "forged"));
    queue.push(() => inbound.control(7, a.self.ref.serial, 1, id, "forged"));
    queue.push(() => inbound.control(2, a.self.ref.serial, 1, 0, "forged"));
    world.run();
    expect(a.heard).toEqual([]);
    expect(outcome(call)).toBe("open");
  });
});

describe("a VM is lost", () => {
  test("lost: each link and monitor hears it once, calls end, later sends are dead letters", () => {
    const { world, one, a, toB } = twoVms();
    const others = [probe(one.kernel, false), probe(one.kernel)] as const;
    a.self.link(toB);
    const id = a.self.monitor(toB);
    others[0].self.link(toB);
    others[1].self.monitor(toB);
    const call = a.self.call(toB as Ref<never> as Ref<Counter>, "get");
    world.run();
    world.lose(2);
    world.run();
    expect(a.heard.toSorted()).toEqual(["down <2.1> noconnection", "exit <2.1> noconnection"]);
    expect(a.downs[0]?.monitor).toBe(id);
    expect(isAlive(one.kernel, others[0].self.ref)).toBe(false);
    expect(others[1].heard).toEqual(["down <2.1> noconnection"]);
    expect(() => call.next()).toThrow(
      expect.objectContaining({
        code: "CALL_EXIT",
        details: expect.objectContaining({ reason: "noconnection" }),
      }),
    );
    one.kernel.peers.lost(one.kernel.peers.home("", 2), "again");
    a.self.send(toB, note("lost"));
    a.self.link(toB);
    a.self.monitor(toB);
    a.self.exit(toB, "x");
    expect(outcome(a.self.call(toB as Ref<never> as Ref<Counter>, "get"))).toBe("CALL_EXIT");
    world.run();
    expect(a.heard.slice(2)).toEqual(["exit <2.1> noconnection", "down <2.1> noconnection"]);
    expect(one.platform.events.filter(({ type }) => type === "dead-letter")).toMatchObject([
      { to: "<2.1>", why: "noconnection" },
    ]);
    expect(leaks(one)).toEqual([[0, 0, 0, 0]]);
  });

  test("lost: callees forget the calls of a VM that is gone", () => {
    const { world, one, two, a, b } = twoVms();
    const ref = b.self.spawn(mute);
    void a.self.callWithin(Infinity, seenFrom(one.kernel, ref), "get");
    world.run();
    world.lose(1);
    world.run();
    expect((two.kernel.entry(ref.serial) as Cell).unanswered).toBeNull();
  });

  test("lost: nothing that was for it reaches a later VM, which has another number", () => {
    const { world, one, a, toB } = twoVms();
    a.self.send(toB, note("on its way"));
    world.lose(2);
    const later = world.vm(3);
    const c = probe(later.kernel);
    expect(c.self.ref.serial).toBe(toB.serial);
    a.self.send(toB, note("to the old one"));
    a.self.send(seenFrom(one.kernel, c.self.ref), note("to the new one"));
    world.run();
    expect(c.heard).toEqual(["note to the new one"]);
  });

  test("lost: only the way to another host is asked for anew, and its VMs that have ended are not", () => {
    const { one, a } = twoVms();
    const [far, ended] = [one.kernel.address("b~1", 5, 1), one.kernel.address("b~1", 6, 1)];
    const carried: string[] = [];
    const carrier = (vm: number): Carrier => ({
      congested: false,
      message: (_to, { type }) => void carried.push(`${type} to ${vm}`),
      call: () => {},
      reply: () => {},
      control: () => {},
    });
    for (const [vm, { home }] of [
      [5, far],
      [6, ended],
    ] as const)
      home.carrier = carrier(vm);
    const monitors = [a.self.monitor(refTo(far)), a.self.monitor(refTo(ended))];
    one.kernel.peers.lost(far.home, "noconnection");
    one.kernel.peers.lost(ended.home, "killed");
    one.kernel.turn();
    expect(a.downs.map(({ monitor, reason }) => [monitor, reason])).toEqual([
      [monitors[0], "noconnection"],
      [monitors[1], "killed"],
    ]);
    // Its platform finds a way again.
    one.platform.connect = (home) => carrier(home.vm);
    a.self.send(refTo<Note>(far), note("again"));
    a.self.send(refTo<Note>(ended), note("too late"));
    expect(carried).toEqual(["note to 5"]);
    expect(one.kernel.address("b~1", 5, 9).home).toBe(far.home);
  });

  test("lost: a VM that was never there is as one that is lost", () => {
    const { world, one, a } = twoVms();
    const nobody = one.kernel.address("", 99, 1) as never as Ref<Counter>;
    a.self.monitor(nobody);
    a.self.link(nobody);
    expect(outcome(a.self.call(nobody, "get"))).toBe("CALL_EXIT");
    world.run();
    expect(a.heard).toEqual(["down <99.1> noconnection", "exit <99.1> noconnection"]);
  });
});
