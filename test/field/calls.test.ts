import { describe, expect, test } from "vitest";
import {
  actor,
  isMotesError,
  name,
  process,
  shutdown,
  type Call,
  type Ref,
  type Self,
} from "../../kernel/index.ts";
import { isAlive, note, outcome, probe, type Note } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";
import { counter, leaks, mute, seenFrom, twoVms, type Counter } from "../support/two-vms.ts";

/** What calls and starts elsewhere got wrong: the list is docs/field-mistakes.md. */
type Ask = Call<"ask", [], number>;

describe("field: calls and starts", () => {
  test("an actor whose init throws is gone at once: no place, no name, no timer, no child of it is left", async () => {
    const { kernel, platform, settle } = testKernel();
    const { self, downs } = probe(kernel);
    const undead = actor({
      init: (me: Self<Note>): number => {
        me.spawnLink(counter);
        me.register(name<Note>("undead"));
        me.sendAfter(1000, me.ref, note("late"));
        throw new Error("in its constructor");
      },
      call: { ask: () => 1 },
      info: { note: (_state, _note: Note) => {} },
    });
    const { ref } = self.spawnMonitor(undead);
    self.send(ref, note("early"));
    const call = self.call(ref, "ask");
    await settle();
    expect(outcome(call)).toBe("CALL_EXIT");
    expect(downs).toMatchObject([{ reason: { type: "crash", message: "in its constructor" } }]);
    expect(self.whereis(name("undead"))).toBeUndefined();
    expect([[...kernel.actors()].length, kernel.timers.size, kernel.turn()]).toEqual([1, 0, Infinity]);
    expect(platform.events).toMatchObject([{ type: "crash" }, { type: "dead-letter", count: 2 }]);
  });

  test("a failed start is a value for the one who started, and harms nobody else", async () => {
    const { kernel, settle } = testKernel();
    const bystander = probe(kernel);
    const codes: string[] = [];
    const broken = actor({
      init: (): number => {
        throw new Error("no");
      },
    });
    const starter = actor({
      *init(me) {
        try {
          yield* me.start(broken);
        } catch (error) {
          codes.push(isMotesError(error) ? error.code : "?");
        }
        return 0;
      },
    });
    const ref = bystander.self.spawnLink(starter);
    await settle();
    expect([codes, isAlive(kernel, ref), bystander.heard]).toEqual([["START_FAILED"], true, []]);
  });

  test("an actor that is stuck in its init is seen there, may be killed, and its starter hears of it", async () => {
    const { kernel, advance } = testKernel();
    const { self } = probe(kernel);
    const stuck = actor({
      label: "stuck",
      *init(me) {
        yield* me.sleep(1e9);
        return 0;
      },
    });
    const start = self.start(stuck);
    await advance(10_000);
    const cell = [...kernel.actors()].find(({ behavior }) => behavior.label === "stuck");
    expect([start.open, cell === undefined]).toEqual([true, false]);
    self.exit(kernel.address("", 1, cell?.ref.serial ?? 0) as never, "kill");
    await advance(0);
    expect(outcome(start)).toBe("START_FAILED");
    expect(kernel.timers.size).toBe(0);
  });

  test("actors that call each other in a ring wait for their time-outs, and live", async () => {
    const { kernel, advance } = testKernel();
    const { self } = probe(kernel);
    const codes: unknown[] = [];
    const link = actor({
      init: () => ({ next: undefined as Ref<Ask> | undefined }),
      call: {
        *ask(state) {
          try {
            return yield* this.callWithin(100, state.next as Ref<Ask>, "ask");
          } catch (error) {
            codes.push(isMotesError(error) ? error.code : error);
            return 0;
          }
        },
      },
      cast: { to: (state, next: Ref<Ask>) => void (state.next = next) },
    });
    const ring = [self.spawn(link), self.spawn(link), self.spawn(link)] as const;
    ring.forEach((ref, at) => self.cast(ref, "to", ring[(at + 1) % 3] as Ref<Ask>));
    const call = self.callWithin(1000, ring[0], "ask");
    await advance(100);
    expect(outcome(call)).toBe(0);
    expect(codes).toEqual(["CALL_TIMEOUT", "CALL_TIMEOUT", "CALL_TIMEOUT"]);
    await advance(1000);
    expect([ring.every((ref) => isAlive(kernel, ref)), kernel.calls.size]).toEqual([true, 0]);
  });

  test("last words that send to and call the actor itself do not hang its end", async () => {
    const { kernel, settle } = testKernel();
    const { self } = probe(kernel);
    const codes: unknown[] = [];
    const ending = actor({
      init: () => 0,
      call: { ask: () => 1 },
      cast: {
        end() {
          this.stop();
        },
      },
      *terminate() {
        this.send(this.ref as never, note("to myself") as never);
        try {
          yield* this.call(this.ref as unknown as Ref<Ask>, "ask");
        } catch (error) {
          codes.push(isMotesError(error) ? error.code : error);
        }
      },
    });
    const ref = self.spawn(ending);
    self.cast(ref, "end");
    await settle();
    expect([isAlive(kernel, ref), codes]).toEqual([false, ["CALL_SELF"]]);
  });

  test("several that wait for one end hear of it, every one", async () => {
    const { kernel, settle } = testKernel();
    const all = [1, 2, 3].map(() => probe(kernel));
    const [first] = all;
    const target = first?.self.spawn(mute) as Ref<Counter>;
    const asked = all.map(({ self }) => self.call(target, "get"));
    for (const { self } of all) self.monitor(target);
    await settle();
    first?.self.exit(target, "kill");
    await settle();
    expect(asked.map(outcome)).toEqual(["CALL_EXIT", "CALL_EXIT", "CALL_EXIT"]);
    for (const { downs } of all) expect(downs).toMatchObject([{ reason: "killed" }]);
  });

  test("a crash reaches whoever waits for it as a crash, and a stop as a stop, across VMs too", () => {
    const { world, one, two, a, b } = twoVms();
    const ends = actor({
      init: () => 0,
      call: {
        crash(): number {
          throw Object.assign(new Error("broken"), { code: "E_BROKEN" });
        },
        stop() {
          this.stop(shutdown("enough"));
          return this.caller<number>().later;
        },
      },
    });
    const crashes = seenFrom(one.kernel, b.self.spawn(ends));
    const stops = seenFrom(one.kernel, b.self.spawn(ends));
    for (const ref of [crashes, stops]) a.self.monitor(ref);
    const waits = [a.self.call(crashes, "crash"), a.self.call(stops, "stop")];
    world.run();
    expect(a.downs.map(({ reason }) => reason)).toMatchObject([
      { type: "crash", message: "broken", code: "E_BROKEN" },
      { type: "shutdown", detail: "enough" },
    ]);
    expect(waits.map(outcome)).toEqual(["CALL_EXIT", "CALL_EXIT"]);
    expect(two.platform.events.filter(({ type }) => type === "crash")).toHaveLength(1);
  });

  test("a callee forgets the callers of a VM that is lost, and nothing of their calls is left in either", () => {
    const { world, one, two, a, b } = twoVms();
    const ref = b.self.spawn(mute);
    for (let n = 0; n < 100; n++) void a.self.callWithin(Infinity, seenFrom(one.kernel, ref), "get");
    world.run();
    const cell = [...two.kernel.actors()].find((actor) => actor.ref.serial === ref.serial);
    expect(cell?.unanswered).not.toBeNull();
    world.lose(1);
    world.run();
    expect([cell?.unanswered, leaks(two)]).toEqual([null, [[0, 0, 0, 0]]]);
  });

  test("an operation that the callee does not have fails the caller, and not the callee", async () => {
    const { kernel, settle } = testKernel();
    const { self } = probe(kernel);
    const ref = self.spawn(counter);
    const call = self.call(ref as unknown as Ref<Ask>, "ask");
    await settle();
    expect([outcome(call), isAlive(kernel, ref)]).toEqual(["CALL_UNKNOWN_OP", true]);
  });

  test("a process that returns has ended normally, which is no crash", async () => {
    const { kernel, platform, settle } = testKernel();
    const { self, downs } = probe(kernel);
    self.spawnMonitor(process(function* () {}));
    self.spawnMonitor(process(async () => {}));
    await settle();
    expect(downs.map(({ reason }) => reason)).toEqual(["normal", "normal"]);
    expect(platform.events).toEqual([]);
  });
});
