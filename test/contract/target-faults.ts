import { afterEach, describe, expect, test } from "vitest";
import { bundle, reasonText, type Crash, type Ref, type RunningVm, type Target } from "../../src/index.ts";
import { eventually, patienceMs } from "../src/eventually.ts";
import type { Boss, Numbered, Seen } from "../src/fixtures/obedient.ts";
import type tree from "../src/fixtures/tree.ts";
import { fixture, Lab, witnessIn } from "../src/lab.ts";

/** Message bodies from nothing to more than one ring holds. */
const sizes = [0, 1, 15, 200, 4096, 70_000, 300_000, 3, 31, 1000];

export interface FaultContractOptions {
  /** Ways to die that it does not know. */
  readonly lacks?: readonly (keyof typeof gists)[];
  /** Messages each way: a multiple of 10. Default 1000. */
  readonly burst?: number;
}

/** What every way to run VMs must bear: loads, loops, limits, and all the ways to die, but for those that it `lacks`. */
export function targetFaultContract(
  target: Target,
  { lacks = [], burst = 1000 }: FaultContractOptions = {},
): void {
  const lab = new Lab();
  const open = (): ReturnType<Lab["host"]> => lab.host({ target });
  afterEach(() => lab.close());

  describe(`${target.name}: messages`, () => {
    test("messages of all sizes go both ways between VMs, whole and in order", async () => {
      const { host } = open();
      const [a, b] = await two(host);
      const sinks = await Promise.all(
        [a, b].map(({ root }) => host.self.callWithin(patienceMs, root, "sink")),
      );
      const [atA, atB] = sinks as [Ref<Numbered>, Ref<Numbered>];
      host.self.cast(a.root, "burst", atB, "a", sizes, burst);
      host.self.cast(b.root, "burst", atA, "b", sizes, burst);
      const bytes = sizes.reduce((sum, size) => sum + size, 0) * (burst / sizes.length);
      for (const sink of sinks) {
        const tally = await eventually(
          () => host.self.callWithin(patienceMs, sink, "tally"),
          ({ count }) => count >= burst,
        );
        expect(tally).toEqual({ count: burst, outOfOrder: 0, bytes });
      }
    });

    test("what crosses is a copy, with its types", async () => {
      const { host } = open();
      const { root } = await lab.boot(host);
      const value = {
        text: "ü \u{1F680}",
        list: [1, -1.5, 2 ** 40, null, undefined, true],
        map: new Map([["k", new Set([1])]]),
        at: new Date(0),
        big: 2n ** 70n,
        bytes: Uint8Array.of(1, 2, 3),
        self: root,
      };
      const back = await host.self.callWithin(patienceMs, root, "echo", value);
      expect(back).toMatchObject({ text: value.text, list: value.list, map: value.map, at: value.at });
      expect(back).toMatchObject({ big: value.big, bytes: value.bytes });
      const { self: ref } = back as { readonly self: Ref<Boss> };
      expect(await host.self.callWithin(patienceMs, ref, "ping")).toBe("pong");
    });
  });

  describe(`${target.name}: bounds`, () => {
    test("the memory limit kills the VM that reaches it, and no other", async () => {
      const { host, journal } = open();
      const neighbour = await lab.boot(host, { name: "neighbour" });
      const hog = await lab.boot(host, { name: "hog", memoryMb: 24, watchdogMs: Infinity });
      const seen = witnessIn(host, hog.root);
      host.self.cast(hog.root, "hog");
      expect(await hog.ended).toBe("killed");
      await twice(seen, "killed");
      expect((await journal.until(/out of memory/)).vm).toBe("hog");
      expect(await host.self.callWithin(patienceMs, neighbour.root, "ping")).toBe("pong");
    });

    const loops = ["spin", "spinInCallback", "spinInMicrotask"] as const;
    test.each(loops)("an endless loop (%s) is noticed, and only its VM killed", async (how) => {
      const { host, journal } = open();
      const neighbour = await lab.boot(host, { name: "neighbour" });
      const wedged = await lab.boot(host, { name: "wedged", watchdogMs: 200 });
      const seen = witnessIn(host, wedged.root);
      expect(await host.self.callWithin(patienceMs, wedged.root, "ping")).toBe("pong");
      const start = performance.now();
      host.self.cast(wedged.root, how);
      const reason = await wedged.ended;
      expect(reason).toMatchObject({ type: "crash", code: "VM_WEDGED" });
      expect(performance.now() - start).toBeGreaterThan(150);
      // Soon: fifty times as long, since a machine may have other things to do.
      expect(performance.now() - start).toBeLessThan(10_000);
      await twice(seen, reasonText(reason));
      expect((await journal.until(/has not turned for 200 ms/)).vm).toBe("wedged");
      expect(await host.self.callWithin(patienceMs, neighbour.root, "ping")).toBe("pong");
    });

    test("a supervisor restarts the VM that was wedged, or ran out of memory, and leaves the other alone", async () => {
      const { host } = open();
      const vm = await host.boot(await bundle<typeof tree>(fixture("tree")));
      const { left, right } = await host.self.callWithin(patienceMs, vm.root, "children");
      const incarnations = async (): Promise<readonly (string | undefined)[]> =>
        (await host.self.callWithin(patienceMs, vm.root, "whichChildren")).map(({ incarnation }) =>
          incarnation?.toString(),
        );
      for (const how of ["spin", "hog"] as const) {
        const before = await incarnations();
        host.self.cast(left, how);
        const after = await eventually(incarnations, ([, now]) => now !== undefined && now !== before[1]);
        expect(await host.self.callWithin(patienceMs, left, "ping")).toBe("pong");
        expect(await host.self.callWithin(patienceMs, right, "ping")).toBe("pong");
        expect(after[0]).toBe(before[0]);
      }
      expect(host.running.map(({ name }) => name).sort()).toEqual(["left", "right", "tree"]);
      expect(await vm.stop()).toBe("shutdown");
      // The tree has ended when its VMs' roots have; their machinery may take a moment longer.
      await eventually(
        () => host.running,
        ({ length }) => length === 0,
      );
    });

    test("an idle VM is not taken for a wedged one", async () => {
      const { host, journal } = open();
      const vm = await lab.boot(host, { watchdogMs: 300 });
      // Several times its limit, while nothing at all is to do.
      await new Promise((done) => setTimeout(done, 1000));
      expect(await host.self.callWithin(patienceMs, vm.root, "ping")).toBe("pong");
      expect(journal.matching(/not turned/)).toEqual([]);
    });
  });

  describe(`${target.name}: log`, () => {
    test("a crash report has VM, actor, and the program's own file and line", async () => {
      const { host, journal } = open();
      const { root } = await lab.boot(host, { name: "buggy" });
      host.self.cast(root, "spawnCrash");
      const entry = await journal.until(/a bug in the fixture/);
      expect(entry).toMatchObject({ vm: "buggy", label: "crasher", level: "error" });
      expect(entry.actor).toMatch(/^<\d+\.\d+>$/);
      const { crash } = entry.details as { readonly crash: Crash };
      const [first, second] = (crash.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
      expect(first).toMatch(/failing .*fixtures\/obedient\.ts:\d+:\d+/);
      expect(second).toMatch(/fixtures\/obedient\.ts:\d+:\d+/);
      // And none of ours.
      expect(crash.stack).not.toMatch(/\.mote:\d+:\d+/);
    });
  });

  describe(`${target.name}: death`, () => {
    test("the reason reaches links and monitors in the host and in another VM, each once", async () => {
      const { host } = open();
      const other = await lab.boot(host, { name: "other" });
      for (const how of waysToDie) {
        if (lacks.includes(how)) continue;
        const vm = await lab.boot(host, { name: how });
        const here = witnessIn(host, vm.root);
        const there = await host.self.callWithin(patienceMs, other.root, "witness", vm.root);
        expect(await host.self.callWithin(patienceMs, there, "seen")).toEqual([]);
        // The other VM's bonds are known to this one: it has answered, after them, on the same ring.
        expect(await host.self.callWithin(patienceMs, other.root, "add", vm.root)).toBe("pong");
        if (how === "kill") void vm.kill();
        else if (how === "end") host.self.cast(vm.root, how, { type: "shutdown", detail: "told" });
        else host.self.cast(vm.root, how);
        expect(reasonText(await vm.ended)).toEqual(gists[how]);
        await twice(here, gists[how]);
        const seen = await eventually(
          () => host.self.callWithin(patienceMs, there, "seen"),
          ({ length }) => length >= 2,
        );
        expect(seen.map(({ how: by, reason: why }) => [by, reasonText(why)]).sort()).toEqual([
          ["link", gists[how]],
          ["monitor", gists[how]],
        ]);
      }
    });
  });

  async function two(host: ReturnType<Lab["host"]>["host"]): Promise<[RunningVm<Boss>, RunningVm<Boss>]> {
    const [a, b] = await lab.boots(host, 2);
    if (a === undefined || b === undefined) throw new Error("two were asked for");
    return [a, b];
  }
}

async function twice(seen: readonly Seen[], reason: string): Promise<void> {
  await eventually(
    () => seen.length,
    (length) => length >= 2,
  );
  expect(seen.map(({ how, reason: why }) => [how, reasonText(why)]).sort()).toEqual([
    ["link", reason],
    ["monitor", reason],
  ]);
}

const waysToDie = ["kill", "crash", "crashOutside", "rejectOutside", "exitProcess", "end"] as const;

const gists = {
  kill: "killed",
  crash: "Error: told to crash",
  crashOutside: "Error: outside any actor",
  rejectOutside: "Error: nobody hears this",
  exitProcess: "Exit: the VM called process.exit(3); end its root instead",
  end: "shutdown: told",
} as const;
