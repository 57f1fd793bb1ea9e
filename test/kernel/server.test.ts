import { describe, expect, test } from "vitest";
import {
  actor,
  behaviorOf,
  process,
  refTo,
  selfOf,
  type Caller,
  type Definition,
  type Ref,
  type Self,
  type Wait,
} from "../../kernel/index.ts";
import { testKernel, type TestKernel } from "../support/test-platform.ts";

const idle = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
  self.trapExits();
  for (;;) yield* self.receive("exit");
});

interface Stage extends TestKernel {
  readonly self: Self<never>;
  spawn<A extends readonly unknown[], M>(definition: Definition<A, M>, ...args: A): Ref<M>;
}

function stage(): Stage {
  const made = testKernel();
  const self = selfOf<never>(made.kernel.spawn(behaviorOf(idle), [], null));
  return { ...made, self, spawn: (definition, ...args) => self.spawn(definition, ...args) };
}

describe("server", () => {
  test("caller: a call is answered later, from another handler, oldest first", async () => {
    const { self, spawn, settle } = stage();
    const queue = actor({
      init: () => ({ waiting: [] as Caller<number>[] }),
      call: {
        take(state) {
          const caller = this.caller<number>();
          state.waiting.push(caller);
          return caller.later;
        },
      },
      cast: {
        put: (state, value: number) => {
          state.waiting.shift()?.reply(value);
        },
      },
    });
    const ref = spawn(queue);
    const first = self.call(ref, "take");
    const second = self.call(ref, "take");
    await settle();
    self.cast(ref, "put", 1);
    self.cast(ref, "put", 2);
    await settle();
    expect([await first, await second]).toEqual([1, 2]);
  });

  test("caller: another actor answers, once; the asked one's end is heard by those still waiting", async () => {
    const { self, spawn, settle } = stage();
    const clerk = actor({
      init: () => null,
      cast: {
        serve: (_state, caller: Caller<string>) => {
          caller.reply("done");
          caller.reply("again");
        },
      },
    });
    const clerkRef = spawn(clerk);
    const kept: Caller<string>[] = [];
    const desk = actor({
      init: () => null,
      call: {
        ask(_state, hand: boolean) {
          const caller = this.caller<string>();
          if (hand) this.cast(clerkRef, "serve", caller);
          else kept.push(caller);
          return caller.later;
        },
      },
    });
    const ref = spawn(desk);
    const answered = self.call(ref, "ask", true);
    const lost = self.call(ref, "ask", false);
    await settle();
    expect(await answered).toBe("done");
    expect(kept[0]?.waiting).toBe(true);
    self.exit(ref, "kill");
    await expect(lost).rejects.toMatchObject({ code: "CALL_EXIT", details: { reason: "killed" } });
    expect(kept[0]?.waiting).toBe(false);
  });

  test("caller: fail tells the reason; asking for a caller outside of a call is an error", async () => {
    const { self, spawn, settle, platform } = stage();
    const refuses = actor({
      init: () => null,
      call: {
        async ask() {
          await Promise.resolve();
          const caller = this.caller<number>();
          caller.fail("closed");
          return caller.later;
        },
      },
      cast: {
        wrong() {
          this.caller();
        },
      },
    });
    const ref = spawn(refuses);
    const asked = self.call(ref, "ask");
    await settle();
    await expect(asked).rejects.toMatchObject({ code: "CALL_EXIT", details: { reason: "closed" } });
    self.cast(ref, "wrong");
    await settle();
    expect(platform.events).toMatchObject([
      { type: "crash", reason: { code: "NO_CALLER" }, lastMessage: "cast wrong []" },
    ]);
  });

  test("continue: from init it runs after the start is told and before any message; steps chain", async () => {
    const { self, spawn, settle } = stage();
    const log: string[] = [];
    const loads = actor({
      init(self) {
        self.continueWith(function* () {
          log.push("first");
          yield* self.sleep(0);
          self.continueWith(async () => {
            await Promise.resolve();
            log.push("third");
          });
          log.push("second");
        });
        return {};
      },
      cast: {
        work() {
          log.push("work");
          this.continueWith(() => log.push("after work"));
        },
      },
    });
    const ref = spawn(loads);
    self.cast(ref, "work");
    self.cast(ref, "work");
    await settle();
    expect(log).toEqual(["first", "second", "third", "work", "after work", "work", "after work"]);
  });

  test("continue: the reply is sent before it, and a crash in it ends the actor with terminate", async () => {
    const { self, spawn, settle } = stage();
    const log: string[] = [];
    const fails = actor({
      init: () => ({}),
      call: {
        go() {
          this.continueWith(() => {
            log.push("continue");
            throw new Error("boom");
          });
          return "answer";
        },
      },
      terminate: (_state, reason) => {
        log.push(typeof reason === "object" && reason.type === "crash" ? reason.message : String(reason));
      },
    });
    const ref = spawn(fails);
    const answer = self.call(ref, "go");
    const late = self.call(ref, "go");
    late.catch(() => log.push("late failed"));
    await settle();
    expect(await answer).toBe("answer");
    expect(log).toEqual(["continue", "boom", "late failed"]);
  });

  test("continue: a handler that asks for one and then throws ends at once", async () => {
    const { self, spawn, settle, platform } = stage();
    const fails = actor({
      init: () => ({}),
      cast: {
        go() {
          this.continueWith(() => {});
          throw new Error("boom");
        },
      },
    });
    const ref = spawn(fails);
    const monitor = self.monitor(ref);
    self.cast(ref, "go");
    await settle();
    expect(self.demonitor(monitor)).toBe(false);
    expect(platform.events).toMatchObject([{ type: "crash", reason: { message: "boom" } }]);
  });

  const waits = (log: string[]) =>
    actor({
      init(self, ms: number) {
        self.timeoutAfter(ms);
        return { ms };
      },
      cast: {
        quiet() {
          log.push("quiet");
        },
        again(state) {
          log.push("again");
          this.timeoutAfter(state.ms);
        },
        stopAfterAsking(state) {
          this.timeoutAfter(state.ms);
          this.stop();
        },
      },
      timeout() {
        log.push(`timeout at ${this.now()}`);
      },
    });

  test("time-out: fires once when nothing came", async () => {
    const log: string[] = [];
    const { spawn, advance, kernel } = stage();
    spawn(waits(log), 100);
    await advance(99);
    expect(log).toEqual([]);
    await advance(1000);
    expect(log).toEqual(["timeout at 100"]);
    expect(kernel.timers.size).toBe(0);
  });

  test("time-out: any message cancels it, and only asking again sets it again", async () => {
    const log: string[] = [];
    const { self, spawn, advance, kernel } = stage();
    const ref = spawn(waits(log), 100);
    await advance(50);
    self.cast(ref, "quiet");
    await advance(1000);
    expect(log).toEqual(["quiet"]);
    expect(kernel.timers.size).toBe(0);
    self.cast(ref, "again");
    await advance(60);
    self.cast(ref, "again");
    await advance(60);
    expect(log).toEqual(["quiet", "again", "again"]);
    await advance(40);
    expect(log.at(-1)).toBe("timeout at 1210");
  });

  test("time-out: zero fires only if no message waits", async () => {
    const log: string[] = [];
    const { self, spawn, settle } = stage();
    const ref = spawn(waits(log), 0);
    self.cast(ref, "quiet");
    await settle();
    expect(log).toEqual(["quiet"]);
    self.cast(ref, "again");
    await settle();
    expect(log).toEqual(["quiet", "again", "timeout at 0"]);
  });

  test("time-out: one that is armed keeps no stop from working, nor a stop one from being armed", async () => {
    const log: string[] = [];
    const { self, spawn, settle, kernel } = stage();
    const ref = spawn(waits(log), 100);
    await settle();
    self.cast(ref, "stopAfterAsking");
    const cell = kernel.spawn(behaviorOf(waits(log)), [100], null);
    await settle();
    selfOf(cell).stop();
    await settle();
    self.monitor(ref);
    self.monitor(refTo(cell.ref));
    expect([...kernel.actors()].map((actor) => actor.behavior.label)).toEqual(["process"]);
    expect(kernel.timers.size).toBe(0);
  });

  test("stop: in init it is a failed start with that reason and no last words", async () => {
    const { self, settle } = stage();
    const log: string[] = [];
    const never = actor({
      init(self) {
        self.continueWith(() => log.push("continue"));
        self.stop("too early");
        return {};
      },
      terminate: () => {
        log.push("terminate");
      },
    });
    const start = self.start(never);
    await settle();
    await expect(start).rejects.toMatchObject({ code: "START_FAILED", details: { reason: "too early" } });
    expect(log).toEqual([]);
  });

  test("stop: with a reply, from a call; nothing is handled after it", async () => {
    const { self, spawn, settle } = stage();
    const log: string[] = [];
    const ends = actor({
      init: () => ({}),
      call: {
        end() {
          this.stop("shutdown");
          return "last";
        },
      },
      terminate: (_state, reason) => {
        log.push(String(reason));
      },
    });
    const ref = spawn(ends);
    const last = self.call(ref, "end");
    const late = self.call(ref, "end");
    late.catch(() => {});
    await settle();
    expect(await last).toBe("last");
    await expect(late).rejects.toMatchObject({ code: "CALL_EXIT", details: { reason: "shutdown" } });
    expect(log).toEqual(["shutdown"]);
  });
});
