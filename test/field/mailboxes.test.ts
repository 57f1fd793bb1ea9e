import { describe, expect, test } from "vitest";
import { actor, groups, process, type GroupChange, type Overflow, type Self } from "../../kernel/index.ts";
import { isAlive, note, outcome, probe, run, type Note } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";
import { twoVms } from "../support/two-vms.ts";

/** What mailboxes elsewhere got wrong: the list is docs/field-mistakes.md. */
const slow = (overflow: Overflow, capacity = 1) =>
  actor({
    mailbox: { capacity, overflow },
    init: () => ({ heard: [] as string[] }),
    call: { heard: (state) => state.heard },
    info: {
      *note(state, { text }: Note) {
        yield* this.sleep(10);
        state.heard.push(text);
      },
    },
  });

describe("field: mailboxes", () => {
  test("a refusal is an error that the sender may catch, and go on", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const receiver = self.spawn(slow("refuse"));
    let refused = 0;
    const sender = self.spawn(
      actor({
        init: (me) => {
          for (let n = 0; n < 5; n++) {
            try {
              me.send(receiver, note(String(n)));
            } catch {
              refused++;
            }
          }
          return "lives";
        },
        call: { how: (state) => state },
      }),
    );
    const call = self.call(sender, "how");
    run(kernel);
    expect([outcome(call), refused > 0]).toEqual(["lives", true]);
  });

  test.each(["drop-oldest", "crash"] as const)(
    "a full mailbox with %s costs its senders nothing, and every loss is told",
    async (overflow) => {
      const { kernel, platform, advance } = testKernel();
      const { self } = probe(kernel);
      const receiver = self.spawn(slow(overflow));
      run(kernel);
      for (let n = 0; n < 5; n++) self.send(receiver, note(String(n)));
      await advance(1000);
      expect(isAlive(kernel, self.ref)).toBe(true);
      const lost = platform.events.filter((event) => event.type === "dead-letter");
      const kept = overflow === "crash" ? 0 : 1;
      expect(lost.reduce((sum, { count }) => sum + count, 0)).toBe(5 - kept);
    },
  );

  test.each(["refuse", "drop-oldest"] as const)(
    "a flooded mailbox with %s leaves the VM nothing to do but wait",
    (overflow) => {
      const { kernel } = testKernel();
      const { self } = probe(kernel);
      const receiver = self.spawn(slow(overflow, 2));
      for (let n = 0; n < 100; n++) {
        try {
          self.send(receiver, note(String(n)));
        } catch {
          // Refused: what this test asks is what the VM does with it.
        }
      }
      run(kernel);
      expect(kernel.turn()).toBe(10);
    },
  );

  test("a watcher whose mailbox was full is told that it missed something, and hears of what comes after it", () => {
    const scope = groups<string, Note>("field");
    const { kernel, platform } = testKernel();
    const member = probe(kernel);
    const changes: string[] = [];
    const watcher = actor({
      mailbox: { capacity: 1 },
      init: (self: Self<GroupChange<string, Note>>) => void scope.watch(self),
      info: { group: (_state, { change }: GroupChange<string, Note>) => void changes.push(change) },
    });
    member.self.spawn(watcher);
    run(kernel);
    scope.join(member.self, "x");
    scope.leave(member.self, "x");
    run(kernel);
    scope.join(member.self, "x");
    run(kernel);
    expect(changes).toEqual(["joined", "joined"]);
    expect(platform.events).toMatchObject([{ type: "dead-letter", count: 1, why: "mailbox full" }]);
  });

  test("an actor at its last words with messages waiting takes no turns, and they are told as dead letters", async () => {
    const { kernel, platform, advance } = testKernel();
    const { self } = probe(kernel);
    let activations = 0;
    const ending = actor({
      init: () => 0,
      cast: {
        end() {
          this.stop();
        },
      },
      info: { note: () => void activations++ },
      *terminate() {
        activations++;
        yield* this.sleep(1000);
      },
    });
    const ref = self.spawn(ending);
    self.cast(ref, "end");
    for (let n = 0; n < 10; n++) self.send(ref, note("late"));
    run(kernel);
    expect(kernel.turn()).toBe(1000);
    self.send(ref, note("later"));
    run(kernel);
    expect([activations, kernel.turn()]).toEqual([1, 1000]);
    await advance(1000);
    expect(isAlive(kernel, ref)).toBe(false);
    expect(platform.events).toMatchObject([{ type: "dead-letter", count: 11 }]);
  });

  test("a message to one that is stopping is a dead letter, and never accepted and forgotten", async () => {
    const { kernel, platform, settle } = testKernel();
    const { self } = probe(kernel);
    const stopping = actor({
      init: () => 0,
      call: { get: () => 1 },
      cast: {
        end() {
          this.stop();
        },
      },
    });
    const ref = self.spawn(stopping);
    self.cast(ref, "end");
    self.cast(ref, "end");
    const call = self.call(ref, "get");
    await settle();
    expect(outcome(call)).toBe("CALL_EXIT");
    expect(platform.events).toMatchObject([{ type: "dead-letter", to: ref.toString(), count: 2 }]);
  });

  test("exits pass a backlog: the one who is killed or linked handles nothing more of it", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    let handled = 0;
    const busy = actor({ init: () => 0, info: { note: () => void handled++ } });
    const [killed, linked] = [self.spawn(busy), self.spawn(busy)];
    const other = probe(kernel, false);
    other.self.link(linked);
    run(kernel);
    for (let n = 0; n < 100; n++) for (const ref of [killed, linked]) self.send(ref, note("x"));
    self.exit(killed, "kill");
    self.exit(other.self.ref, "boom");
    run(kernel);
    expect([isAlive(kernel, killed), isAlive(kernel, linked), handled]).toEqual([false, false, 0]);
  });

  test("exits from another VM act as soon as they are there, whatever the backlog of their receiver", () => {
    const { world, one, two, a, b } = twoVms();
    let handled = 0;
    const busy = process(function* (self: Self<Note>) {
      for (;;) {
        yield* self.receive("note");
        handled++;
      }
    });
    const ref = b.self.spawn(busy);
    world.run();
    for (let n = 0; n < 100; n++) b.self.send(ref, note("x"));
    const seen = one.kernel.address(ref.host, ref.vm, ref.serial) as never;
    a.self.exit(seen, "boom");
    world.bridge(1, 2).deliver();
    expect([isAlive(two.kernel, ref), handled]).toEqual([false, 0]);
  });

  test("a send to the dead returns, also across VMs, and is told as a dead letter", () => {
    const { world, one, two, a, b, toB } = twoVms();
    const dead = a.self.spawn(process(function* () {}));
    world.run();
    a.self.send(dead as never, note("here") as never);
    b.self.exit(b.self.ref, "kill");
    a.self.send(toB, note("there"));
    world.run();
    expect(one.platform.events).toMatchObject([{ type: "dead-letter", to: dead.toString() }]);
    expect(two.platform.events).toMatchObject([{ type: "dead-letter", to: b.self.ref.toString() }]);
  });

  test("a message of a type the receiver does not know is told, and ends nobody", () => {
    const { kernel, platform } = testKernel();
    const { self } = probe(kernel);
    const ref = self.spawn(actor({ init: () => 0 }));
    self.send(ref as never, note("wrong") as never);
    run(kernel);
    expect(isAlive(kernel, ref)).toBe(true);
    expect(platform.events).toMatchObject([{ type: "unhandled", message: "note" }]);
  });
});
