import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import {
  bundle,
  createHost,
  isolate,
  type Host,
  type Image,
  type Ref,
  type RunningVm,
  type Target,
} from "../../src/index.ts";
import { eventually, patienceMs } from "../src/eventually.ts";
import { Journal } from "../src/journal.ts";
import type program from "./fixtures/mixed.ts";
import type { Forest, Member } from "./fixtures/mixed.ts";

/** Message bodies from nothing to more than one ring holds. */
const sizes = [0, 1, 15, 200, 4096, 70_000, 300_000, 3, 31, 1000];

/** Under emulation, on a machine with other work. */
const burstTimeoutMs = 60_000;

/**
 * What VMs of different targets on one host owe each other: all that VMs of one target do. `pairs`: the names of those that are held against each other two by two, by default all; `burst`: messages of all sizes, each way.
 */
export function targetPairsContract(
  targets: readonly [Target, ...Target[]],
  pairs: readonly (readonly [string, string])[] = targets.flatMap((a, n) =>
    targets.slice(n + 1).map((b) => [a.name, b.name] as const),
  ),
  burst = 1000,
): void {
  const names = targets.map(({ name }) => name);
  let image: Promise<Image<Forest>> | undefined;
  let host: Host;
  let journal: Journal;

  const member = async (target: string): Promise<RunningVm<Member>> => {
    image ??= bundle<typeof program>(fileURLToPath(new URL("fixtures/mixed.ts", import.meta.url)));
    // Sound: the entry's root is the fixture's member.
    const vm = await host.boot((await image) as object as Image<Member>, {
      entry: "member",
      args: [target],
      target,
      name: target,
    });
    return vm;
  };
  const start = (): void => {
    journal = new Journal();
    // The tree's own VM has the weakest boundary: it may boot all others.
    host = createHost({ target: isolate, targets, log: journal });
  };
  afterEach(async () => {
    await host.stop();
    expect(host.holds).toEqual({ vms: 0, timers: 0, calls: 0, bonds: 0 });
  });

  describe.each(pairs)("targets %s and %s", (one, other) => {
    test(
      "messages of all sizes go both ways, whole and in order",
      async () => {
        start();
        const [a, b] = [await member(one), await member(other)];
        host.self.cast(a.root, "burst", b.root, sizes, burst);
        host.self.cast(b.root, "burst", a.root, sizes, burst);
        const bytes = sizes.reduce((sum, size) => sum + size, 0) * (burst / sizes.length);
        for (const { root } of [a, b]) {
          const tally = await eventually(
            () => host.self.callWithin(patienceMs, root, "tally"),
            ({ count }) => count >= burst,
            burstTimeoutMs,
          );
          expect(tally).toEqual({ count: burst, outOfOrder: 0, bytes });
        }
        expect(journal.matching(/lost|broken|corrupt/i)).toEqual([]);
      },
      2 * burstTimeoutMs,
    );

    test("what one has said before its end is heard before its end, which links and monitors hear once", async () => {
      start();
      const [a, b] = [await member(one), await member(other)];
      for (const [from, to] of [
        [a, b],
        [await member(other), await member(one)],
      ] as const) {
        await host.self.callWithin(patienceMs, to.root, "watch", from.root);
        // The link is known there: an answer has come back after it.
        await host.self.callWithin(patienceMs, to.root, "hop", [from.root]);
        // More than the rings on the way hold.
        host.self.cast(from.root, "lastWords", to.root, 2000);
        expect(await from.ended).toBe("shutdown");
        const heard = await eventually(
          () => host.self.callWithin(patienceMs, to.root, "heard"),
          ({ length }) => length >= 2,
        );
        expect(heard.toSorted()).toEqual(["down shutdown after 2000", "exit shutdown"]);
        expect((await host.self.callWithin(patienceMs, to.root, "tally")).outOfOrder).toBe(0);
      }
    });

    test("both end at once, in the middle of a burst: nothing is left of either", async () => {
      start();
      const [a, b, c] = [await member(one), await member(other), await member(one)];
      host.self.cast(a.root, "burst", b.root, sizes, 1_000_000);
      host.self.cast(b.root, "burst", a.root, sizes, 1_000_000);
      for (const { root } of [a, b])
        await eventually(
          () => host.self.callWithin(patienceMs, root, "tally"),
          ({ count }) => count > 50,
        );
      await Promise.all([a.kill(), b.kill()]);
      expect(await host.self.callWithin(patienceMs, c.root, "name")).toBe(one);
    });
  });

  test(`${names.join(", ")}: each calls the next, under one supervision tree`, async () => {
    start();
    image ??= bundle<typeof program>(fileURLToPath(new URL("fixtures/mixed.ts", import.meta.url)));
    const { root } = await host.boot(await image, {
      args: [names],
      bootTimeoutMs: 30_000,
    });
    const children = async (): Promise<readonly Ref<Member>[]> => {
      const all = await host.self.callWithin(patienceMs, root, "whichChildren");
      return names.map((name) => {
        const found = all.find(({ id }) => id === name);
        if (found?.incarnation === undefined) throw new Error(`no child ${name}`);
        // Sound: the fixture's forest has members only.
        return found.incarnation as Ref<never> as Ref<Member>;
      });
    };
    const round = async (): Promise<void> => {
      const [first, ...others] = await children();
      if (first === undefined) throw new Error("there are children");
      expect(await host.self.callWithin(patienceMs, first, "hop", others)).toEqual(names);
    };
    await round();
    const before = await children();
    for (const [n, doomed] of before.entries()) {
      host.self.cast(doomed, n === 0 ? "spin" : "crash");
      await eventually(
        () => host.self.callWithin(patienceMs, root, "whichChildren"),
        (all) =>
          all.every(
            ({ state, incarnation }) => state === "running" && String(incarnation) !== String(doomed),
          ),
      );
    }
    await round();
  });
}
