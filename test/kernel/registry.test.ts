import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  groups,
  process,
  registry,
  type GroupChange,
  type Ref,
  type Self,
  type Wait,
} from "../../kernel/index.ts";
import { testKernel, type TestKernel } from "../support/test-platform.ts";
import { behaviorOf, selfOf } from "../../kernel/index.ts";

interface Hello {
  readonly type: "hello";
}

const member = process(function* (self: Self<Hello>): Generator<Wait<unknown>, void, unknown> {
  for (;;) yield* self.receive("hello");
});

function actorsIn(made: TestKernel, count: number): Self<Hello>[] {
  return Array.from({ length: count }, () => selfOf<Hello>(made.kernel.spawn(behaviorOf(member), [], null)));
}

describe("registry", () => {
  test("registry: one holder a key; a second is refused with both names", async () => {
    const made = testKernel();
    const rooms = registry<string, Hello>("rooms");
    const [a, b] = actorsIn(made, 2) as [Self<Hello>, Self<Hello>];
    await made.settle();
    rooms.register(a, "lobby");
    expect(rooms.lookup(b, "lobby")).toBe(a.ref);
    expect(() => rooms.register(b, "lobby")).toThrow(expect.objectContaining({ code: "NAME_TAKEN" }));
    expect(rooms.unregister(b, "lobby")).toBe(false);
    expect(rooms.unregister(a, "lobby")).toBe(true);
    expect(rooms.lookup(b, "lobby")).toBeUndefined();
    expect(rooms.count(b)).toBe(0);
  });

  test("registry: an entry is gone before the monitor of its owner fires", async () => {
    const made = testKernel();
    const rooms = registry<string, Hello>("rooms");
    const [holder] = actorsIn(made, 1) as [Self<Hello>];
    const seen: unknown[] = [];
    const watcher = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
      self.monitor(holder.ref);
      yield* self.receive("down");
      seen.push(rooms.lookup(self, "lobby"));
    });
    made.kernel.spawn(behaviorOf(watcher), [], null);
    await made.settle();
    rooms.register(holder, "lobby");
    holder.stop();
    await made.settle();
    expect(seen).toEqual([undefined]);
    expect(() => rooms.register(holder, "lobby")).toThrow(expect.objectContaining({ code: "NOT_HERE" }));
  });

  test("registry: two registries of one label, and one registry in two VMs, do not meet", async () => {
    const one = registry<number, Hello>("same");
    const other = registry<number, Hello>("same");
    const [here, there] = [testKernel(1), testKernel(2)];
    const [a] = actorsIn(here, 1) as [Self<Hello>];
    const [b] = actorsIn(there, 1) as [Self<Hello>];
    one.register(a, 1);
    one.register(b, 1);
    expect(other.lookup(a, 1)).toBeUndefined();
    expect([one.lookup(a, 1), one.lookup(b, 1)]).toEqual([a.ref, b.ref]);
  });

  test("registry: duplicate keys hold many, in order, and the same one twice", async () => {
    const made = testKernel();
    const topics = registry<string, Hello>("topics", { keys: "duplicate" });
    const [a, b] = actorsIn(made, 2) as [Self<Hello>, Self<Hello>];
    topics.register(a, "news");
    topics.register(b, "news");
    topics.register(a, "news");
    expect(topics.lookup(a, "news")).toEqual([a.ref, b.ref, a.ref]);
    expect(topics.keysOf(a)).toEqual(["news", "news"]);
    a.exit(a.ref, "kill");
    await made.settle();
    expect(topics.lookup(b, "news")).toEqual([b.ref]);
  });

  test("registry: an unknown kind of keys is refused", () => {
    const wrong = { keys: "many" } as unknown as { keys: "unique" };
    expect(() => registry("wrong", wrong)).toThrow(expect.objectContaining({ code: "BAD_OPTION" }));
  });
});

describe("groups", () => {
  test("groups: a watcher hears of joins and leaves after its snapshot, deaths by membership", async () => {
    const made = testKernel();
    const pool = groups<string, Hello>("pool");
    const [a, b] = actorsIn(made, 2) as [Self<Hello>, Self<Hello>];
    const log: GroupChange<string, Hello>[] = [];
    let before: ReadonlyMap<string, readonly Ref<Hello>[]> | undefined;
    const watcher = process(function* (
      self: Self<GroupChange<string, Hello>>,
    ): Generator<Wait<unknown>, void, unknown> {
      before = pool.watch(self);
      for (;;) log.push(yield* self.receive("group"));
    });
    pool.join(a, "fast");
    const ref = made.kernel.spawn(behaviorOf(watcher), [], null);
    await made.settle();
    expect(before).toEqual(new Map([["fast", [a.ref]]]));
    pool.join(a, "fast");
    pool.join(b, "slow");
    expect(pool.leave(b, "slow")).toBe(true);
    expect(pool.leave(b, "slow")).toBe(false);
    a.stop();
    await made.settle();
    expect(log.map(({ group, change, members }) => [group, change, members.length])).toEqual([
      ["fast", "joined", 1],
      ["slow", "joined", 1],
      ["slow", "left", 1],
      ["fast", "left", 2],
    ]);
    expect(pool.groups(b)).toEqual([]);
    selfOf(ref).stop();
    await made.settle();
    pool.join(b, "fast");
    expect(log).toHaveLength(4);
  });

  test("groups: any order of joins, leaves and deaths leaves what a multiset per group holds", async () => {
    const step = fc.tuple(fc.constantFrom("join", "leave", "end"), fc.nat(3), fc.constantFrom("x", "y"));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const made = testKernel();
        const pool = groups<string, Hello>("pool");
        const [watcher, ...members] = actorsIn(made, 5) as [Self<Hello>, ...Self<Hello>[]];
        const model: Record<string, number[]> = { x: [], y: [] };
        const dead = new Set<number>();
        for (const [what, at, group] of steps) {
          const actor = members[at] as Self<Hello>;
          const held = model[group] as number[];
          if (dead.has(at)) continue;
          if (what === "join") {
            pool.join(actor, group);
            held.push(at);
          } else if (what === "leave") {
            expect(pool.leave(actor, group)).toBe(held.includes(at));
            if (held.includes(at)) held.splice(held.indexOf(at), 1);
          } else {
            actor.exit(actor.ref, "kill");
            dead.add(at);
            for (const key of ["x", "y"])
              model[key] = (model[key] as number[]).filter((other) => other !== at);
          }
        }
        for (const [group, held] of Object.entries(model)) {
          expect(pool.members(watcher, group)).toEqual(held.map((at) => members[at]?.ref));
        }
      }),
      { numRuns: 150 },
    );
  });
});
