import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundle, type Ref } from "../../src/index.ts";
import { eventually } from "./eventually.ts";
import type program from "./fixtures/order.ts";
import type { Kind, Recording, Sender } from "./fixtures/order.ts";
import { fixture, Lab } from "./lab.ts";

const kinds: readonly Kind[] = ["send", "call", "cast", "exit"];

describe("order between VMs", () => {
  const lab = new Lab();
  const { host } = lab.host();
  let sender: Ref<Sender>;
  let paths: Readonly<Record<string, Ref<Recording>>>;

  beforeAll(async () => {
    const vm = await host.boot(await bundle<typeof program>(fixture("order")));
    const { near, far, ...others } = await host.self.call(vm.root, "children");
    sender = others.sender;
    paths = {
      "to an actor of another VM": await host.self.call(far, "me"),
      "to an actor of the supervisor's VM": await host.self.call(near, "me"),
      "through an address that follows an actor": near,
      "through an address that follows a VM": far,
    };
  });
  afterAll(() => lab.close());

  test.each([
    "to an actor of another VM",
    "to an actor of the supervisor's VM",
    "through an address that follows an actor",
    "through an address that follows a VM",
  ])("order: send, call, cast and exit arrive as they were done, %s", async (path) => {
    const to = paths[path];
    if (to === undefined) throw new Error(path);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...kinds), { maxLength: 60 }), async (acts) => {
        await host.self.call(sender, "acts", to, acts);
        const seen: number[] = [];
        await eventually(
          async () => seen.push(...(await host.self.call(to, "seen"))),
          (count) => count >= acts.length,
        );
        expect(seen).toEqual(acts.map((_, n) => n));
        const calls = acts.flatMap((kind, n) => (kind === "call" ? [n] : []));
        const answers: number[] = [];
        await eventually(
          async () => answers.push(...(await host.self.call(sender, "answers"))),
          (count) => count >= calls.length,
        );
        expect(answers).toEqual(calls);
      }),
      { numRuns: 25 },
    );
  });

  test.each(["to an actor of the supervisor's VM", "to an actor of another VM"])(
    "order: a monitor before a kill hears of it, one after it that nobody is there, %s",
    async (path) => {
      const to = paths[path];
      if (to === undefined) throw new Error(path);
      const before = await host.self.call(sender, "downs");
      await host.self.call(sender, "kills", to);
      const downs = await eventually(
        () => host.self.call(sender, "downs"),
        ({ length }) => length >= before.length + 2,
      );
      expect(downs.slice(before.length)).toEqual(["killed", "noproc"]);
    },
  );
});
