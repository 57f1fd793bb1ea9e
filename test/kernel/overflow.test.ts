import { describe, expect, test } from "vitest";
import { actor, process, type Overflow, type Self } from "../../kernel/index.ts";
import { isAlive, note, outcome, probe, run, type Note } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

describe("bounded mailboxes", () => {
  const bounded = (overflow: Overflow | undefined, log: string[]) =>
    actor({
      mailbox: overflow === undefined ? { capacity: 2 } : { capacity: 2, overflow },
      init: (me) => me.trapExits(),
      call: { get: () => log.length },
      info: {
        note: (_s, { text }: Note) => void log.push(text),
        exit: (_s, { reason }) => void log.push(`exit ${String(reason)}`),
        down: (_s, { reason }) => void log.push(`down ${String(reason)}`),
      },
      terminate: (_s, reason) => void log.push(`terminate ${String(reason)}`),
    });

  test("mailbox: refuse, which is the default, throws at the sender with the message in it", () => {
    for (const overflow of ["refuse", undefined] as const) {
      const { kernel } = testKernel();
      const { self } = probe(kernel);
      const log: string[] = [];
      const ref = self.spawn(bounded(overflow, log));
      for (const text of ["1", "2"]) self.send(ref, note(text));
      expect(() => self.send(ref, note("3"))).toThrow(
        expect.objectContaining({
          code: "MAILBOX_FULL",
          details: { actor: ref.toString(), capacity: 2, refused: note("3") },
        }),
      );
      const call = self.call(ref, "get");
      expect(outcome(call)).toBe("CALL_REFUSED");
      run(kernel);
      self.send(ref, note("4"));
      run(kernel);
      expect(log).toEqual(["1", "2", "4"]);
    }
  });

  test("mailbox: what a timer sends into a full one is a dead letter: nobody is there to hear a refusal", async () => {
    const { kernel, platform, advance } = testKernel();
    const { self } = probe(kernel);
    const log: string[] = [];
    const busy = process(
      function* (me: Self<Note>) {
        yield* me.sleep(100);
      },
      { mailbox: { capacity: 1 } },
    );
    const ref = self.spawn(busy);
    void log;
    for (const text of ["1", "2"]) self.sendAfter(10, ref, note(text));
    await advance(20);
    expect(platform.events).toMatchObject([
      { type: "dead-letter", to: ref.toString(), count: 1, why: "refused" },
    ]);
    expect(isAlive(kernel, self.ref)).toBe(true);
  });

  test("mailbox: drop-oldest keeps the newest, and a call that is dropped is refused", () => {
    const { kernel, platform } = testKernel();
    const { self } = probe(kernel);
    const log: string[] = [];
    const ref = self.spawn(bounded("drop-oldest", log));
    const call = self.call(ref, "get");
    for (const text of ["1", "2", "3"]) self.send(ref, note(text));
    run(kernel);
    expect(log).toEqual(["2", "3"]);
    expect(outcome(call)).toBe("CALL_REFUSED");
    expect(platform.events).toMatchObject([{ type: "dead-letter", count: 2, why: "mailbox full" }]);
  });

  test("mailbox: drop-oldest never drops an exit or a down", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const log: string[] = [];
    const ref = self.spawn(bounded("drop-oldest", log));
    run(kernel);
    const stranger = probe(kernel);
    stranger.self.exit(ref, "one");
    stranger.self.exit(ref, "two");
    for (const text of ["1", "2", "3"]) self.send(ref, note(text));
    run(kernel);
    // The two signals fill it: there is no room for anything that can be dropped.
    expect(log).toEqual(["exit one", "exit two"]);
  });

  test("mailbox: exit and down find room in a full one", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const log: string[] = [];
    const ref = self.spawn(bounded("refuse", log));
    run(kernel);
    const stranger = probe(kernel);
    for (const text of ["1", "2"]) self.send(ref, note(text));
    stranger.self.exit(ref, "one");
    run(kernel);
    expect(log).toEqual(["1", "2", "exit one"]);
  });

  test("mailbox: crash ends the receiver and not the sender, whatever the receiver is doing", async () => {
    const { kernel, platform, settle } = testKernel();
    const { self, heard } = probe(kernel);
    const log: string[] = [];
    const idle = bounded("crash", log);
    const waiting = process(
      function* (me: Self<Note>) {
        yield* me.sleep(1e6);
      },
      { mailbox: { capacity: 2, overflow: "crash" } },
    );
    const toItself = actor({
      mailbox: { capacity: 2, overflow: "crash" },
      init: (me: Self<Note>) => ({ me }),
      cast: {
        flood({ me }) {
          for (const text of ["1", "2", "3", "4"]) me.send(me.ref, note(text));
          log.push("handler ends");
        },
      },
      info: { note: (_s, { text }: Note) => void log.push(text) },
      async terminate() {
        log.push("last words");
      },
    });
    const refs = [self.spawn(idle), self.spawn(waiting)];
    const flooded = self.spawn(toItself);
    run(kernel);
    for (const ref of [...refs, flooded]) self.monitor(ref);
    for (const ref of refs) for (const text of ["1", "2", "3", "4"]) self.send(ref, note(text));
    self.cast(flooded, "flood");
    await settle();
    expect(heard.toSorted()).toEqual(
      [...refs, flooded].map((ref) => `down ${ref.toString()} mailbox_full`).toSorted(),
    );
    expect(log.filter((line) => !line.startsWith("terminate"))).toEqual(["handler ends", "last words"]);
    expect(platform.events.filter(({ type }) => type === "crash")).toHaveLength(3);
  });

  test("mailbox: the last words of one that a full mailbox ends are its own turn's, and not its sender's", async () => {
    const { kernel, settle } = testKernel();
    const { self, heard } = probe(kernel);
    const log: string[] = [];
    const asked = actor({ init: () => ({}), call: { get: () => 1 } });
    const helper = self.spawn(asked);
    const victim = actor({
      mailbox: { capacity: 1, overflow: "crash" },
      init: () => ({}),
      info: { note: (_s, { text }: Note) => void log.push(text) },
      *terminate() {
        log.push("last words");
        log.push(`got ${yield* this.call(helper, "get")}`);
      },
    });
    const ref = self.spawn(victim);
    const others = [1, 2, 3].map((n) => self.spawn(actor({ init: () => void log.push(`other ${n}`) })));
    run(kernel);
    self.monitor(ref);
    log.length = 0;
    for (const text of ["1", "2", "3"]) self.send(ref, note(text));
    log.push("sent");
    await settle();
    expect(log).toEqual(["sent", "last words", "got 1"]);
    expect(heard).toEqual([`down ${ref.toString()} mailbox_full`]);
    expect(kernel.turn()).toBe(Infinity);
    expect(others.every((other) => isAlive(kernel, other))).toBe(true);
  });
});
