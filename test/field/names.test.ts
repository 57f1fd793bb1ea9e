import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, test } from "vitest";
import { addressOf, groups, name, process, registry } from "../../kernel/index.ts";
import { note, probe, run, type Note } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";
import { seenFrom, twoVms } from "../support/two-vms.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
// As it was, for the other tests of this process: V8 takes compiled code only under the flags that it was made with.
setFlagsFromString("--no-expose-gc");

/** What is weakly held is let go between two macrotasks at the earliest. */
async function collected(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  collect();
}

/** What names and addresses elsewhere got wrong: the list is docs/field-mistakes.md. */
describe("field: names", () => {
  test("nothing finds an actor that has ended: not its name, its key, its group, nor its address", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    const [known, keys, members] = [
      name<Note>("known"),
      registry<string, Note>("keys"),
      groups<string, Note>("g"),
    ];
    const gone = probe(kernel);
    const { ref } = gone.self;
    gone.self.register(known);
    keys.register(gone.self, "key");
    members.join(gone.self, "group");
    const found = (): unknown[] => [
      self.whereis(known)?.toString(),
      keys.lookup(self, "key")?.toString(),
      ...members.members(self, "group").map(String),
      kernel.entry(ref.serial)?.ref.toString(),
    ];
    expect(new Set(found())).toEqual(new Set([ref.toString()]));
    self.exit(ref, "kill");
    expect(found()).toEqual([undefined, undefined, undefined]);
  });

  test("a name is free for the next one as soon as anybody can know of the end of its holder", () => {
    const { kernel } = testKernel();
    const known = name<Note>("known");
    const holder = probe(kernel);
    holder.self.register(known);
    const successor = process(function* (me) {
      const watched = me.whereis(known);
      if (watched !== undefined) me.monitor(watched);
      yield* me.receive("down");
      me.register(known as never);
      yield* me.receive("note" as never);
    });
    const ref = holder.self.spawn(successor);
    run(kernel);
    holder.self.exit(holder.self.ref, "kill");
    run(kernel);
    expect(kernel.names.get("known")?.ref.toString()).toBe(ref.toString());
  });

  test("to ask for a name that nobody has is an answer, and no error", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    expect(self.whereis(name("nobody"))).toBeUndefined();
  });

  test("VMs that are only named are forgotten, and one address that is kept keeps what it knows", async () => {
    const { world, one, a, b, toB } = twoVms();
    a.self.monitor(toB);
    world.run();
    const kept = one.kernel.address("", 5_000_000, 1);
    for (let round = 0; round < 20; round++) {
      for (let vm = 0; vm < 5000; vm++) {
        const { home } = one.kernel.address("", 1000 + round * 5000 + vm, 1);
        // As when something was sent there, and the platform has found nobody.
        if (vm % 2 === 0) one.kernel.peers.lost(home, "noproc");
      }
      await collected();
    }
    expect(one.kernel.peers.known).toBeLessThan(3 * 5000);
    expect(one.kernel.address("", 5_000_000, 2).home).toBe(kept.home);
    expect(one.kernel.address("", 2, 9).home).toBe(addressOf(toB).home);
    b.self.exit(b.self.ref, "kill");
    world.run();
    expect(a.downs).toMatchObject([{ reason: "killed" }]);
  });

  test("a VM that was named before it was booted is reached once it is there", () => {
    const { world, one, a } = twoVms();
    a.self.send(one.kernel.address("", 3, 1) as never, note("too early") as never);
    world.run();
    const three = world.vm(3);
    const c = probe(three.kernel);
    a.self.send(seenFrom(one.kernel, c.self.ref), note("in time"));
    world.run();
    expect(c.heard).toEqual(["note in time"]);
    world.lose(3);
    expect(one.kernel.address("", 3, 1).home.lost).toBe(true);
  });
});
