import { describe, expect, test } from "vitest";
import {
  behaviorOf,
  isMotesError,
  machine,
  process,
  selfOf,
  type Self,
  type Wait,
} from "../../kernel/index.ts";
import { testKernel, type TestKernel } from "../support/test-platform.ts";

const idle = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
  self.trapExits();
  for (;;) yield* self.receive("exit");
});

function stage(): TestKernel & { readonly self: Self<never> } {
  const made = testKernel();
  return { ...made, self: selfOf<never>(made.kernel.spawn(behaviorOf(idle), [], null)) };
}

type Door =
  | { readonly state: "locked"; readonly code: string }
  | { readonly state: "open"; readonly code: string };

/** A door that locks itself, and keeps those who come while it is locked. */
const door = (log: string[]) =>
  machine({
    label: "door",
    init: (_self, code: string): Door => ({ state: "locked", code }),
    states: {
      locked: {
        enter(_data, from) {
          log.push(`locked from ${from}`);
        },
        call: {
          unlock(data, code: string) {
            if (code !== data.code) return false;
            this.to({ state: "open", code });
            return true;
          },
          pass() {
            return this.postpone();
          },
        },
      },
      open: {
        enter(_data, from) {
          log.push(`open from ${from}`);
          this.stateTimeout(100);
        },
        call: {
          pass(_data, who: string) {
            log.push(`pass ${who}`);
            return who;
          },
        },
        stateTimeout(data) {
          this.to({ state: "locked", code: data.code });
        },
      },
    },
    any: { call: { where: (data) => data.state } },
  });

describe("machine", () => {
  test("machine: enter, reply, postponed calls oldest first, state time-out", async () => {
    const log: string[] = [];
    const { self, settle, advance } = stage();
    const ref = self.spawn(door(log), "42");
    const first = self.call(ref, "pass", "ann");
    const second = self.call(ref, "pass", "bob");
    const wrong = self.call(ref, "unlock", "1");
    await settle();
    expect(await wrong).toBe(false);
    expect(log).toEqual(["locked from locked"]);
    const right = self.call(ref, "unlock", "42");
    const third = self.call(ref, "pass", "cid");
    await settle();
    expect([await right, await first, await second, await third]).toEqual([true, "ann", "bob", "cid"]);
    expect(log.slice(1)).toEqual(["open from locked", "pass ann", "pass bob", "pass cid"]);
    await advance(99);
    const where = self.call(ref, "where");
    await settle();
    expect(await where).toBe("open");
    await advance(1);
    expect(log.at(-1)).toBe("locked from open");
    const unknown = self.call(ref, "unlock", "42");
    await settle();
    await unknown;
    const missing = self.call(ref, "unlock", "42");
    await settle();
    await expect(missing).rejects.toMatchObject({ code: "CALL_UNKNOWN_OP" });
  });

  type AB = { readonly state: "a"; n: number } | { readonly state: "b"; n: number };

  test("machine: own events come before what is postponed, and that before what waits", async () => {
    const log: string[] = [];
    const { self, settle } = stage();
    const made = machine({
      internal: ["one", "two"],
      init: (): AB => ({ state: "a", n: 0 }),
      states: {
        a: {
          cast: {
            keep(_data, _n: number) {
              this.postpone();
            },
            go() {
              this.raise("one");
              this.to({ state: "b", n: 1 });
              this.raise("two");
              this.postpone();
            },
          },
        },
        b: {
          enter: () => {
            log.push("enter b");
          },
          cast: {
            keep: (_data, n: number) => {
              log.push(`keep ${n}`);
            },
            go: () => {
              log.push("go");
            },
          },
          internal: {
            one: () => {
              log.push("one");
            },
            two: () => {
              log.push("two");
            },
          },
        },
      },
    });
    const ref = self.spawn(made);
    self.cast(ref, "keep", 1);
    self.cast(ref, "keep", 2);
    self.cast(ref, "go");
    self.cast(ref, "keep", 3);
    await settle();
    expect(log).toEqual(["enter b", "one", "two", "keep 1", "keep 2", "go", "keep 3"]);
  });

  const timed = (log: string[]) =>
    machine({
      timeouts: ["named", "other"],
      init: (): AB => ({ state: "a", n: 0 }),
      states: {
        a: {
          cast: {
            set(_data, what: "state" | "event" | "named" | "other", ms: number) {
              if (what === "state") this.stateTimeout(ms);
              else if (what === "event") this.eventTimeout(ms);
              else this.timeout(what, ms);
            },
            zeros() {
              this.timeout("other", 0);
              this.stateTimeout(0);
              this.eventTimeout(0);
              this.timeout("named", 0);
            },
            same: (data) => {
              data.n++;
            },
            renew(data) {
              this.to({ state: "a", n: data.n + 1 });
            },
            flip(data) {
              this.to({ state: "b", n: data.n });
            },
          },
          stateTimeout: () => void log.push("a state"),
          eventTimeout: () => void log.push("a event"),
          timeout: { named: () => void log.push("a named"), other: () => void log.push("a other") },
        },
        b: {
          timeout: { named: () => void log.push("b named") },
          stateTimeout: () => void log.push("b state"),
        },
      },
    });

  test("machine: a change of state cancels the state time-out and keeps named ones", async () => {
    const log: string[] = [];
    const { self, advance, kernel, platform } = stage();
    const ref = self.spawn(timed(log));
    self.cast(ref, "set", "state", 100);
    self.cast(ref, "set", "named", 100);
    self.cast(ref, "renew");
    self.cast(ref, "flip");
    await advance(1000);
    expect(log).toEqual(["b named"]);
    expect(kernel.timers.size).toBe(0);
    expect(platform.events).toEqual([]);
  });

  test("machine: any event cancels the event time-out, and setting again moves a time-out", async () => {
    const log: string[] = [];
    const { self, advance } = stage();
    const ref = self.spawn(timed(log));
    self.cast(ref, "set", "event", 100);
    await advance(99);
    self.cast(ref, "same");
    await advance(500);
    expect(log).toEqual([]);
    self.cast(ref, "set", "event", 100);
    self.cast(ref, "set", "named", 50);
    await advance(500);
    expect(log).toEqual(["a named"]);
    self.cast(ref, "set", "named", 50);
    await advance(49);
    self.cast(ref, "set", "named", 50);
    await advance(49);
    expect(log).toHaveLength(1);
    self.cast(ref, "set", "named", Infinity);
    await advance(500);
    expect(log).toHaveLength(1);
  });

  test("machine: time-outs of zero come in the order set, before any message that waits", async () => {
    const log: string[] = [];
    const { self, settle } = stage();
    const ref = self.spawn(timed(log));
    self.cast(ref, "zeros");
    self.cast(ref, "flip");
    await settle();
    // The event time-out is cancelled by the first of the others, which is an event too.
    expect(log).toEqual(["a other", "a state", "a named"]);
  });

  test("machine: repeat runs enter again and retries nothing", async () => {
    const log: string[] = [];
    const { self, settle } = stage();
    const made = machine({
      init: (): AB => ({ state: "a", n: 0 }),
      states: {
        a: {
          enter: (_data, from) => void log.push(`enter from ${from}`),
          cast: {
            keep() {
              log.push("keep");
              this.postpone();
            },
            again() {
              this.repeat();
            },
          },
        },
        b: {},
      },
    });
    const ref = self.spawn(made);
    self.cast(ref, "keep");
    self.cast(ref, "again");
    await settle();
    expect(log).toEqual(["enter from a", "keep", "enter from a"]);
  });

  test("machine: async and generator handlers hold back all other events", async () => {
    const log: string[] = [];
    const { self, advance } = stage();
    const made = machine({
      internal: ["own"],
      init: (): AB => ({ state: "a", n: 0 }),
      states: {
        a: {
          cast: {
            *slow(_data) {
              yield* this.sleep(10);
              log.push("slow");
              this.raise("own");
              this.to({ state: "b", n: 1 });
            },
            next() {
              log.push("next in a");
            },
          },
        },
        b: {
          async enter() {
            await Promise.resolve();
            log.push("enter b");
          },
          internal: {
            async own() {
              await Promise.resolve();
              log.push("own");
            },
          },
          cast: { next: () => void log.push("next in b") },
        },
      },
    });
    const ref = self.spawn(made);
    self.cast(ref, "slow");
    self.cast(ref, "next");
    await advance(20);
    expect(log).toEqual(["slow", "enter b", "own", "next in b"]);
  });

  test("machine: a loop of own events lets others have their turn", async () => {
    const { self, settle } = stage();
    let rounds = 0;
    const busy = machine({
      internal: ["round"],
      init: (self): { state: "a" } => {
        self.raise("round");
        return { state: "a" };
      },
      states: {
        a: {
          internal: {
            round() {
              if (++rounds < 100_000) this.raise("round");
            },
          },
        },
      },
    });
    self.spawn(busy);
    let roundsThen = 0;
    const other = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
      yield* self.receive({}, 0);
      roundsThen = rounds;
    });
    self.spawn(other);
    await settle();
    expect(roundsThen).toBeLessThan(1000);
    expect(rounds).toBe(100_000);
  });

  test("machine: stop with a reply runs terminate in the state it was in; postponed callers hear of the end", async () => {
    const log: string[] = [];
    const { self, settle } = stage();
    const made = machine({
      init: (): AB => ({ state: "a", n: 0 }),
      states: {
        a: {
          call: {
            wait() {
              return this.postpone();
            },
            end() {
              this.stop("shutdown");
              return "bye";
            },
          },
        },
        b: {},
      },
      terminate: (data, reason) => void log.push(`${data.state} ${String(reason)}`),
    });
    const ref = self.spawn(made);
    const waiting = self.call(ref, "wait");
    const end = self.call(ref, "end");
    waiting.catch(() => {});
    await settle();
    expect(await end).toBe("bye");
    await expect(waiting).rejects.toMatchObject({ code: "CALL_EXIT", details: { reason: "shutdown" } });
    expect(log).toEqual(["a shutdown"]);
  });

  test("machine: an unknown state, and a transition where none can be, end it with their code", async () => {
    const { self, settle, platform } = stage();
    const wrong = { state: "c", n: 0 } as unknown as AB;
    const made = machine({
      init: (_self, start: AB): AB => start,
      states: {
        a: {
          cast: {
            unknown() {
              this.to(wrong);
            },
            flip() {
              this.to({ state: "b", n: 0 });
            },
            late() {
              void Promise.resolve().then(() => {
                try {
                  this.to({ state: "b", n: 0 });
                } catch (error) {
                  late.push(isMotesError(error) ? error.code : "?");
                }
              });
            },
          },
        },
        b: {
          enter() {
            this.to({ state: "a", n: 0 });
          },
        },
      },
    });
    const late: string[] = [];
    const first = self.spawn(made, { state: "a", n: 0 });
    self.cast(first, "unknown");
    const second = self.spawn(made, { state: "a", n: 0 });
    self.cast(second, "flip");
    const third = self.spawn(made, { state: "a", n: 0 });
    self.cast(third, "late");
    const fourth = self.start(made, wrong);
    fourth.catch(() => {});
    await settle();
    expect(platform.events).toMatchObject([
      {
        type: "crash",
        reason: { code: "UNKNOWN_STATE" },
        lastMessage: "cast unknown []",
        state: '{"state":"a","n":0}',
      },
      { type: "crash", reason: { code: "BAD_TRANSITION" } },
      { type: "crash", reason: { code: "UNKNOWN_STATE" } },
    ]);
    expect(late).toEqual(["BAD_TRANSITION"]);
    await expect(fourth).rejects.toMatchObject({
      code: "START_FAILED",
      details: { reason: { code: "UNKNOWN_STATE" } },
    });
  });
});
