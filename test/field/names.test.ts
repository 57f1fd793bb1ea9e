import { describe, expect, test } from "vitest";
import { groups, name, process, registry } from "../../kernel/index.ts";
import { probe, run, type Note } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

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
});
