import { describe, expect, test } from "vitest";
import { actor, exit, ignore, name, process, type Self, type Wait } from "../../kernel/index.ts";
import { isAlive, note, outcome, probe, run, type Note } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

const reasonOf = (wait: Wait<unknown>): unknown => {
  try {
    wait.next();
  } catch (error) {
    return (error as { readonly details: { readonly reason: unknown } }).details.reason;
  }
  return "did not fail";
};

describe("start", () => {
  test("start: waits for init, sync or not, and is linked", async () => {
    const { kernel, advance } = testKernel();
    const { self, heard } = probe(kernel);
    const starts = [
      self.start(actor({ init: () => 0 })),
      self.start(
        actor({
          init: async (me) => {
            await me.sleep(10);
          },
        }),
      ),
      self.start(
        actor({
          *init(me) {
            yield* me.sleep(20);
          },
        }),
      ),
    ] as const;
    expect(starts.map((start) => start.open)).toEqual([true, true, true]);
    await advance(0);
    expect(starts.map((start) => start.open)).toEqual([false, true, true]);
    await advance(10);
    expect(starts.map((start) => start.open)).toEqual([false, false, true]);
    await advance(10);
    const { ref } = await starts[2];
    self.exit(ref, "boom");
    run(kernel);
    expect(heard).toEqual([`exit ${ref.toString()} boom`]);
  });

  test("start: an init that fails, however, is START_FAILED with the reason, and no exit comes beside it", async () => {
    const { kernel, settle } = testKernel();
    const { self, heard } = probe(kernel);
    const failures = [
      actor({
        init: (): number => {
          throw new Error("sync");
        },
      }),
      actor({
        init: async (): Promise<number> => {
          throw new Error("async");
        },
      }),
      actor({
        *init(me): Generator<Wait<unknown>, number, unknown> {
          yield* me.sleep(0);
          throw new Error("generator");
        },
      }),
      actor({ init: (): number => exit("by exit") }),
      actor({ init: (me) => me.exit(me.ref, "kill") }),
    ].map((definition) => self.start(definition));
    await settle();
    expect(failures.map(outcome)).toEqual(failures.map(() => "START_FAILED"));
    expect(failures.map(reasonOf)).toMatchObject([
      { message: "sync" },
      { message: "async" },
      { message: "generator" },
      "by exit",
      "killed",
    ]);
    expect(heard).toEqual([]);
    expect([...kernel.actors()]).toHaveLength(1);
  });

  test("start: one who does not trap survives a failed start", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel, false);
    const start = self.start(actor({ init: () => exit("no") }));
    run(kernel);
    expect(outcome(start)).toBe("START_FAILED");
    expect(isAlive(kernel, self.ref)).toBe(true);
  });

  test("start: ignore is no failure of the actor, and no exit comes", async () => {
    const { kernel, platform, settle } = testKernel();
    const { self, heard } = probe(kernel);
    const starts = [
      self.start(actor({ init: () => ignore })),
      self.start(actor({ init: async () => ignore })),
      self.start(process(async () => ignore as never)),
    ];
    await settle();
    expect(starts.map(outcome)).toEqual(["START_IGNORED", "START_IGNORED", "START_IGNORED"]);
    expect(heard).toEqual([]);
    expect(platform.events).toEqual([]);
    expect([...kernel.actors()]).toHaveLength(1);
  });

  test("start: a process is ready when it first waits; one that ends before has failed", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const waits = self.start(
      process(function* (me: Self<Note>) {
        yield* me.receive("note");
      }),
    );
    const ends = self.start(process(function* () {}));
    run(kernel);
    expect(outcome(waits)).toHaveProperty("ref");
    expect([outcome(ends), reasonOf(ends)]).toEqual(["START_FAILED", "normal"]);
  });

  test("start: a process with ready: explicit is ready when it says so, with what it has to say", async () => {
    const { kernel, advance } = testKernel();
    const { self } = probe(kernel);
    const slow = process(
      function* (me: Self<Note>, fails: boolean) {
        yield* me.sleep(10);
        if (fails) exit("not today");
        me.ready({ port: 80 });
        me.ready({ port: 81 });
        yield* me.receive("note");
      },
      { ready: "explicit" },
    );
    const [good, bad] = [self.start(slow, false), self.start(slow, true)];
    await advance(9);
    expect([good.open, bad.open]).toEqual([true, true]);
    await advance(1);
    expect(outcome(good)).toMatchObject({ port: 80 });
    expect(reasonOf(bad)).toBe("not today");
  });

  test("start: the end of the one who starts ends the child, also within its init", async () => {
    const { kernel, advance } = testKernel();
    const { self } = probe(kernel, false);
    const log: string[] = [];
    self.start(
      actor({
        init: async (me) => {
          await me.sleep(10);
          log.push("went on");
        },
      }),
    );
    await advance(1);
    self.exit(self.ref, "boom");
    await advance(20);
    expect(log).toEqual([]);
    expect([...kernel.actors()]).toHaveLength(0);
    expect(kernel.timers.size).toBe(0);
  });

  test("start: what is sent while init still runs is handled after it", async () => {
    const { kernel, advance } = testKernel();
    const { self } = probe(kernel);
    const log: string[] = [];
    const ref = self.spawn(
      actor({
        init: async (me) => {
          await me.sleep(10);
          log.push("init");
        },
        info: { note: (_s, { text }: Note) => void log.push(text) },
      }),
    );
    self.send(ref, note("1"));
    await advance(5);
    self.send(ref, note("2"));
    await advance(5);
    expect(log).toEqual(["init", "1", "2"]);
  });
});

describe("names", () => {
  const shop = name<Note>("shop");

  test("name: leads to its holder until that one ends, and is free then", () => {
    const { kernel } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    expect(a.self.whereis(shop)).toBeUndefined();
    a.self.register(shop);
    a.self.register(shop);
    expect(b.self.whereis(shop)).toBe(a.self.ref);
    expect(() => b.self.register(shop)).toThrow(expect.objectContaining({ code: "NAME_TAKEN" }));
    a.self.exit(a.self.ref, "kill");
    expect(b.self.whereis(shop)).toBeUndefined();
    b.self.register(shop);
    expect(a.self.whereis(shop)).toBe(b.self.ref);
    b.self.unregister(shop);
    b.self.unregister(shop);
    expect(kernel.names.size).toBe(0);
  });

  test("name: an actor has one; the other is free when it takes another", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    self.register(shop);
    self.register(name<Note>("store"));
    expect([...kernel.names.keys()]).toEqual(["store"]);
    self.exit(self.ref, "kill");
    expect(kernel.names.size).toBe(0);
  });
});
