import { describe, expect, test } from "vitest";
import { actor, limits, type Cast, type Cell, type Ref, type Self } from "../../kernel/index.ts";
import { freeze } from "../../kernel/freeze.ts";
import { ProcessTable } from "../../kernel/process-table.ts";
import { isAlive, note, outcome, probe, run, type Note } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

describe("dead letters", () => {
  test("dead letters: each is counted, each address is reported once a turn, and no contents are told", () => {
    const { kernel, platform } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    b.self.exit(b.self.ref, "kill");
    for (let i = 0; i < 1000; i++) a.self.send(b.self.ref, note("secret"));
    a.self.cast(b.self.ref as Ref<never> as Ref<Cast<"put", [string]>>, "put", "secret");
    run(kernel);
    const report = { type: "dead-letter", to: "<1.2>", count: 1001, example: "note", why: "noproc" };
    expect(platform.events).toEqual([report]);
    run(kernel);
    a.self.send(b.self.ref, note(""));
    run(kernel);
    expect(platform.events).toEqual([report, { ...report, count: 1 }]);
    expect(kernel.deadLetters.total).toBe(1002);
  });

  test("dead letters: what a dead actor has not read is counted", () => {
    const { kernel, platform } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    for (let i = 0; i < 5; i++) a.self.send(b.self.ref, note(""));
    b.self.exit(b.self.ref, "kill");
    run(kernel);
    expect(platform.events).toMatchObject([{ type: "dead-letter", count: 5, why: "died with it unread" }]);
  });

  test("dead letters: a flood to many addresses is a bounded report", () => {
    const { kernel, platform } = testKernel();
    const { self } = probe(kernel);
    const refs = Array.from({ length: 200 }, () => probe(kernel).self.ref);
    for (const ref of refs) {
      self.exit(ref, "kill");
      self.send(ref, note(""));
    }
    run(kernel);
    expect(platform.events.length).toBeLessThan(100);
    const counted = platform.events.map((event) => (event.type === "dead-letter" ? event.count : 0));
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(200);
  });
});

describe("process table", () => {
  test("table: a place is used again, its serial never, and an old address does not reach the next tenant", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const [old] = [probe(kernel)];
    self.exit(old.self.ref, "kill");
    const next = probe(kernel);
    expect(next.self.ref.serial % limits.actorsMax).toBe(old.self.ref.serial % limits.actorsMax);
    expect(next.self.ref.serial).not.toBe(old.self.ref.serial);
    self.send(old.self.ref, note("for the old one"));
    self.exit(old.self.ref, "kill");
    self.link(old.self.ref);
    // As it comes back by message.
    const copy = kernel.address("", 1, old.self.ref.serial);
    expect(copy.cell).toBeNull();
    run(kernel);
    expect(next.heard).toEqual([]);
    expect(isAlive(kernel, next.self.ref)).toBe(true);
    expect(kernel.address("", 1, next.self.ref.serial)).toBe(next.self.ref);
  });

  test("table: serials of strangers lead to nobody", () => {
    const table = new ProcessTable();
    for (const serial of [0, -1, 0.5, Number.NaN, Infinity, 2 ** 53, limits.actorsMax, 1]) {
      expect(table.get(serial)).toBeUndefined();
    }
  });

  test("table: thousands of births and deaths need no more places than live at once", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const seen = new Set<number>();
    let highest = 0;
    const brief = actor({ init: (me) => me.stop() });
    for (let i = 0; i < 5000; i++) {
      const { serial } = self.spawn(brief);
      seen.add(serial);
      highest = Math.max(highest, serial % limits.actorsMax);
      run(kernel);
    }
    expect(seen.size).toBe(5000);
    expect(highest).toBeLessThan(5);
  });
});

describe("development", () => {
  const receiver = actor({
    init: () => ({}),
    call: { change: (_s, list: number[]) => list.push(1) },
    cast: { change: (_s, list: number[]) => void list.push(1) },
    info: {
      list: (_s, message: { readonly type: "list"; readonly list: number[] }) => void message.list.push(1),
    },
  });

  test("development: a message that is changed after the send, or by its receiver, throws there", () => {
    const { kernel, platform } = testKernel(1, true);
    const { self } = probe(kernel);
    const list = [1];
    self.send(self.spawn(receiver), { type: "list", list });
    expect(() => list.push(2)).toThrow(TypeError);
    self.cast(self.spawn(receiver), "change", [1]);
    const call = self.call(self.spawn(receiver), "change", [1]);
    run(kernel);
    expect(outcome(call)).toBe("CALL_EXIT");
    expect(platform.events.filter(({ type }) => type === "crash")).toHaveLength(3);
  });

  test("development: elsewhere nothing is frozen", () => {
    const { kernel, platform } = testKernel(1, false);
    const { self } = probe(kernel);
    const list = [1];
    self.send(self.spawn(receiver), { type: "list", list });
    const call = self.call(self.spawn(receiver), "change", list);
    run(kernel);
    expect(outcome(call)).toBe(3);
    expect(platform.events).toEqual([]);
  });

  test("development: addresses, bytes, maps and instances stay as they are, and rings of objects are no trap", () => {
    const { kernel } = testKernel();
    const ring: {
      self?: unknown;
      readonly map: Map<string, number>;
      readonly bytes: Uint8Array;
      readonly ref: unknown;
    } = {
      map: new Map(),
      bytes: new Uint8Array(1),
      ref: probe(kernel).self.ref,
    };
    ring.self = ring;
    freeze(ring);
    ring.map.set("a", 1);
    ring.bytes[0] = 1;
    expect(Object.isFrozen(ring)).toBe(true);
    expect(Object.isFrozen(ring.ref)).toBe(false);
  });
});

describe("slots", () => {
  const echo = actor({
    init: (_me: Self<Note>, n: number) => ({ n }),
    call: { get: ({ n }) => n },
    info: { note: () => {} },
  });
  type Echo = { readonly type: "$call" };

  test("slot: leads to one actor after another; what comes in between reaches nobody", () => {
    const { kernel, platform } = testKernel();
    const owner = probe(kernel);
    const slot = kernel.slot(kernel.entry(owner.self.ref.serial) as Cell);
    const to = slot.ref as never as ReturnType<typeof make>;
    const make = (n: number) => {
      const ref = owner.self.spawn(echo, n);
      slot.lead(kernel.entry(ref.serial)?.ref ?? null);
      return ref;
    };
    const ask = (): unknown => {
      const call = owner.self.call(to, "get");
      run(kernel);
      return outcome(call);
    };
    expect(ask()).toBe("CALL_EXIT");
    const first = make(1);
    expect(ask()).toBe(1);
    owner.self.exit(first, "kill");
    owner.self.send(to, note("lost"));
    expect(ask()).toBe("CALL_EXIT");
    make(2);
    expect(ask()).toBe(2);
    expect(platform.events).toMatchObject([{ type: "dead-letter", to: slot.ref.toString(), count: 1 }]);
  });

  test("slot: monitors, links and exits through it are with the actor behind it", () => {
    const { kernel } = testKernel();
    const owner = probe(kernel);
    const other = probe(kernel);
    const slot = kernel.slot(kernel.entry(owner.self.ref.serial) as Cell);
    const to = slot.ref as never as Ref<Echo>;
    const ref = owner.self.spawn(echo, 1);
    slot.lead(kernel.entry(ref.serial)?.ref ?? null);
    other.self.monitor(to);
    other.self.link(to);
    other.self.unlink(to);
    other.self.link(to);
    owner.self.exit(to, "kill");
    other.self.monitor(to);
    run(kernel);
    expect(other.heard).toEqual([
      `exit ${ref.toString()} killed`,
      `down ${ref.toString()} killed`,
      `down ${slot.ref.toString()} noproc`,
    ]);
  });

  test("slot: ends with its owner", () => {
    const { kernel } = testKernel();
    const [owner, other] = [probe(kernel), probe(kernel)];
    const slot = kernel.slot(kernel.entry(owner.self.ref.serial) as Cell);
    const ref = other.self.spawn(echo, 1);
    slot.lead(kernel.entry(ref.serial)?.ref ?? null);
    owner.self.exit(owner.self.ref, "kill");
    const call = other.self.call(slot.ref as never as typeof ref, "get");
    run(kernel);
    expect(outcome(call)).toBe("CALL_EXIT");
    expect(kernel.entry(slot.ref.serial)).toBeUndefined();
    expect(isAlive(kernel, ref)).toBe(true);
  });
});
