import { describe, expect, test } from "vitest";
import { actor, exit, process, type Self } from "../../kernel/index.ts";
import { isAlive, note, probe, run, type Note, type Probe } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

describe("links", () => {
  /** A linked to B; A ends so. What B hears, and whether it lives. */
  function linked(trapping: boolean, end: (a: Probe) => void): { heard: readonly string[]; lives: boolean } {
    const { kernel } = testKernel();
    const a = probe(kernel, false);
    const b = probe(kernel, trapping);
    b.self.link(a.self.ref);
    end(a);
    run(kernel);
    return { heard: b.heard, lives: isAlive(kernel, b.self.ref) };
  }

  test("link: a normal end is nothing to one who does not trap, a message to one who does", () => {
    expect(linked(false, (a) => a.self.stop())).toEqual({ heard: [], lives: true });
    expect(linked(true, (a) => a.self.stop())).toEqual({ heard: ["exit <1.1> normal"], lives: true });
  });

  test("link: any other end ends both, or is a message", () => {
    expect(linked(false, (a) => a.self.stop("boom"))).toEqual({ heard: [], lives: false });
    expect(linked(true, (a) => a.self.stop("boom"))).toEqual({ heard: ["exit <1.1> boom"], lives: true });
  });

  test("link: who was killed is heard of as killed", () => {
    expect(linked(true, (a) => a.self.exit(a.self.ref, "kill"))).toEqual({
      heard: ["exit <1.1> killed"],
      lives: true,
    });
  });

  test("link: the reason kill by a link is an ordinary one, and can be trapped", () => {
    expect(linked(true, (a) => a.self.stop("kill"))).toEqual({ heard: ["exit <1.1> kill"], lives: true });
    expect(linked(false, (a) => a.self.stop("kill"))).toEqual({ heard: [], lives: false });
  });

  test("link: goes both ways, whoever made it", () => {
    const { kernel } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    a.self.link(b.self.ref);
    a.self.stop("one");
    run(kernel);
    expect(b.heard).toEqual(["exit <1.1> one"]);
  });

  test("link: twice is once, and to oneself is nothing", () => {
    const { kernel } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    a.self.link(b.self.ref);
    a.self.link(b.self.ref);
    b.self.link(a.self.ref);
    b.self.link(b.self.ref);
    a.self.stop("one");
    run(kernel);
    expect(b.heard).toEqual(["exit <1.1> one"]);
  });

  test("link: after one unlink there is none, however often it was made, and from either side", () => {
    const { kernel } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    a.self.link(b.self.ref);
    a.self.link(b.self.ref);
    b.self.unlink(a.self.ref);
    a.self.stop("one");
    run(kernel);
    expect(b.heard).toEqual([]);
  });

  test("link: after unlink no exit comes later, but one that came before is still in the mailbox", () => {
    const { kernel } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    b.self.link(a.self.ref);
    a.self.exit(a.self.ref, "kill");
    b.self.unlink(a.self.ref);
    run(kernel);
    expect(b.heard).toEqual(["exit <1.1> killed"]);
  });

  test("link: to the dead is an exit signal noproc", () => {
    const { kernel } = testKernel();
    const [dead, trapping, plain] = [probe(kernel), probe(kernel), probe(kernel, false)];
    dead.self.exit(dead.self.ref, "kill");
    trapping.self.link(dead.self.ref);
    plain.self.link(dead.self.ref);
    run(kernel);
    expect(trapping.heard).toEqual(["exit <1.1> noproc"]);
    expect(isAlive(kernel, plain.self.ref)).toBe(false);
  });

  test("link: an end goes through all that do not trap, and stops at one that does", () => {
    const { kernel } = testKernel();
    const chain = [probe(kernel, false), probe(kernel, false), probe(kernel), probe(kernel, false)];
    for (const [i, { self }] of chain.entries()) if (i > 0) self.link((chain[i - 1] as Probe).self.ref);
    chain[0]?.self.stop("boom");
    run(kernel);
    expect(chain.map(({ self }) => isAlive(kernel, self.ref))).toEqual([false, false, true, true]);
    expect(chain[2]?.heard).toEqual(["exit <1.2> boom"]);
  });

  test("link: a chain of 100,000 ends without a deep stack, each end told once", () => {
    const { kernel } = testKernel();
    const watch = probe(kernel);
    const link = actor({
      init: (me, left: number): void => {
        if (left > 0) me.spawnLink(next.definition, left - 1);
        else watch.self.monitor(me.ref);
      },
    });
    const next: { readonly definition: typeof link } = { definition: link };
    const first = watch.self.spawn(link, 99_999);
    run(kernel);
    watch.self.exit(first, "boom");
    run(kernel);
    expect(watch.heard).toEqual(["down <1.100001> boom"]);
    expect([...kernel.actors()]).toHaveLength(1);
  });

  test("link: spawnLink is linked from its first moment", () => {
    const { kernel } = testKernel();
    const { self, heard } = probe(kernel);
    self.spawnLink(actor({ init: () => exit("at once") }));
    run(kernel);
    expect(heard).toEqual(["exit <1.2> at once"]);
  });
});

describe("monitors", () => {
  test("monitor: fires once, with the reason, and does nothing to the one who is watched", () => {
    const { kernel } = testKernel();
    const [a, b] = [probe(kernel, false), probe(kernel)];
    const id = b.self.monitor(a.self.ref);
    a.self.stop("boom");
    run(kernel);
    expect(b.downs).toMatchObject([{ type: "down", monitor: id, reason: "boom" }]);
    expect(b.downs[0]?.from).toBe(a.self.ref);
    expect(b.self.demonitor(id)).toBe(false);
  });

  test("monitor: the end of the watcher is nothing to the watched", () => {
    const { kernel } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    b.self.monitor(a.self.ref);
    b.self.stop("boom");
    run(kernel);
    expect(a.heard).toEqual([]);
  });

  test("monitor: each of several fires, also on oneself's friend who is dead already", () => {
    const { kernel } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    const ids = [b.self.monitor(a.self.ref), b.self.monitor(a.self.ref)];
    a.self.exit(a.self.ref, "kill");
    ids.push(b.self.monitor(a.self.ref));
    run(kernel);
    expect(b.downs.map(({ monitor, reason }) => [monitor, reason])).toEqual([
      [ids[0], "killed"],
      [ids[1], "killed"],
      [ids[2], "noproc"],
    ]);
  });

  test("monitor: demonitor takes back one, also one that has fired and was not read", () => {
    const { kernel } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    const [first, second, third] = [
      b.self.monitor(a.self.ref),
      b.self.monitor(a.self.ref),
      b.self.monitor(a.self.ref),
    ];
    expect(b.self.demonitor(first)).toBe(true);
    a.self.exit(a.self.ref, "kill");
    expect(b.self.demonitor(second)).toBe(false);
    run(kernel);
    expect(b.downs.map(({ monitor }) => monitor)).toEqual([third]);
    expect(b.self.demonitor(first)).toBe(false);
    expect(b.self.demonitor(12345)).toBe(false);
  });

  test("monitor: demonitor leaves the other messages where they are", () => {
    const { kernel } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    const id = b.self.monitor(a.self.ref);
    a.self.send(b.self.ref, note("1"));
    a.self.exit(a.self.ref, "kill");
    b.self.send(b.self.ref, note("2"));
    b.self.demonitor(id);
    run(kernel);
    expect(b.heard).toEqual(["note 1", "note 2"]);
  });

  test("monitor: nobody can take back another's", () => {
    const { kernel } = testKernel();
    const [a, b, c] = [probe(kernel), probe(kernel), probe(kernel)];
    const id = b.self.monitor(a.self.ref);
    expect(c.self.demonitor(id)).toBe(false);
    a.self.stop();
    run(kernel);
    expect(b.downs).toHaveLength(1);
  });

  test("monitor: at the down, the name is free and the place is empty", () => {
    const { kernel } = testKernel();
    const seen: unknown[] = [];
    const holder = actor({
      init: (me) => {
        me.register({ text: "holder" } as never);
      },
    });
    const watcher = actor({
      init: (me) => {
        me.spawnMonitor(holder);
      },
      info: { down: (_s, { from }) => void seen.push(kernel.names.size, isAlive(kernel, from)) },
    });
    const { self } = probe(kernel);
    self.spawn(watcher);
    run(kernel);
    expect(kernel.names.size).toBe(1);
    self.exit((kernel.names.get("holder") as { ref: unknown }).ref as never, "kill");
    run(kernel);
    expect(seen).toEqual([0, false]);
  });

  test("order: what one actor sends another arrives in the order sent, messages and signals alike", () => {
    const { kernel } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    b.self.monitor(a.self.ref);
    b.self.link(a.self.ref);
    a.self.send(b.self.ref, note("1"));
    a.self.exit(b.self.ref, "by hand");
    a.self.send(b.self.ref, note("2"));
    a.self.exit(a.self.ref, "kill");
    run(kernel);
    expect(b.heard).toEqual([
      "note 1",
      "exit <1.1> by hand",
      "note 2",
      "exit <1.1> killed",
      "down <1.1> killed",
    ]);
  });

  test("parent: its exit ends a server that traps, whatever the reason; a stranger's is for the handler", () => {
    const { kernel } = testKernel();
    const parent = probe(kernel);
    const stranger = probe(kernel);
    const words: string[] = [];
    const server = actor({
      init: (me) => me.trapExits(),
      info: { exit: (_s, { reason }) => void words.push(`handled ${String(reason)}`) },
      terminate: (_s, reason) => void words.push(`ended ${String(reason)}`),
    });
    const ref = parent.self.spawnLink(server);
    run(kernel);
    stranger.self.exit(ref, "stranger");
    run(kernel);
    parent.self.exit(ref, "normal");
    run(kernel);
    expect(words).toEqual(["handled stranger", "ended normal"]);
    expect(isAlive(kernel, ref)).toBe(false);
  });

  test("process: exit signals to one who traps are messages, its parent's too", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const got: unknown[] = [];
    const child = process(function* (me: Self<Note>) {
      me.trapExits();
      for (;;) got.push((yield* me.receive("exit")).reason);
    });
    const ref = self.spawnLink(child);
    run(kernel);
    self.exit(ref, "one");
    self.exit(ref, "two");
    run(kernel);
    expect(got).toEqual(["one", "two"]);
  });
});
