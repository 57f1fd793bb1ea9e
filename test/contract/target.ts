import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterEach, beforeAll, describe, expect, test as declare } from "vitest";
import { isMotesError, type Ref } from "../../kernel/index.ts";
import { createHost, type Host } from "../../src/host/host.ts";
import type { HostBootOptions, RunningVm } from "../../src/host/host-options.ts";
import { bundle } from "../../src/image/bundle.ts";
import type { Image } from "../../src/image/image.ts";
import type { LogLine, Target } from "../../src/targets/target.ts";
import { eventually, patienceMs } from "../src/eventually.ts";
import type { Keeper, Owner, Puppet } from "./fixtures/program.ts";
import type program from "./fixtures/program.ts";

interface Logged extends LogLine {
  readonly vm: string;
}

/**
 * What every target has to do, whatever its VMs are made of. `boots`: how many of them are booted and killed in one test. `chosen`: the tests by
 * their names; default: all.
 */
export function targetContract(target: Target, boots = 50, chosen = /^/): void {
  const test = (name: string, body: () => Promise<void>): void => {
    if (chosen.test(name)) declare(name, body);
  };
  describe(`target ${target.name}`, () => {
    let image: Image<Puppet>;
    let host: Host;
    let lines: Logged[] = [];

    beforeAll(async () => {
      image = await bundle<typeof program>(fileURLToPath(new URL("fixtures/program.ts", import.meta.url)));
    });
    const start = (): Host => {
      lines = [];
      host = createHost({ target, log: { line: (vm, line) => void lines.push({ vm, ...line }) } });
      return host;
    };
    const boot = (options: HostBootOptions = {}): Promise<RunningVm<Puppet>> => host.boot(image, options);
    afterEach(async () => {
      await host.stop();
      expect(host.holds).toEqual({ vms: 0, timers: 0, calls: 0, bonds: 0 });
    });

    test("boots, says ready, and answers", async () => {
      const { root } = await start().boot(image);
      expect(
        await host.self.callWithin(patienceMs, root, "echo", {
          hello: [1, "two", new Map([[3, new Date(4)]])],
        }),
      ).toEqual({
        hello: [1, "two", new Map([[3, new Date(4)]])],
      });
      // In its form that V8 has compiled already, too.
      expect(lines.map(({ text }) => text).filter((text) => text.includes("compiled"))).toEqual([]);
    });

    test("messages of mixed sizes go both ways in order, also larger than the ring", async () => {
      const { root } = await start().boot(image);
      const texts = Array.from({ length: 1000 }, (_, n) => `${n}`.padEnd(1 + ((n * 7919) % 3000), "."));
      texts[500] = "large".repeat(200_000);
      const answers = texts.map((text) => host.self.callWithin(patienceMs, root, "echo", text));
      for (const [n, text] of texts.entries()) expect(await answers[n]).toBe(text);
    });

    test("what is sent before the ring between two VMs is there arrives first, in order", async () => {
      start();
      const a = await boot();
      const b = await boot({ entry: "other", args: [] });
      expect(await host.self.callWithin(patienceMs, a.root, "order", b.root)).toBe(5);
      const seen = await eventually(
        async () => await host.self.callWithin(patienceMs, b.root, "notes"),
        (notes) => notes.length === 10,
      );
      expect(seen.map((note) => Number(note.split(":")[0]))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    test("two VMs that turn to each other at once have one ring, and lose nothing", async () => {
      start();
      const a = await boot();
      const b = await boot();
      await Promise.all([
        host.self.callWithin(patienceMs, a.root, "burst", b.root, 0, 500),
        host.self.callWithin(patienceMs, b.root, "burst", a.root, 0, 500),
      ]);
      for (const { root } of [a, b]) {
        const notes = await eventually(
          async () => await host.self.callWithin(patienceMs, root, "notes"),
          (all) => all.length === 500,
        );
        expect(notes.map((note) => Number(note.split(":")[0]))).toEqual(
          Array.from({ length: 500 }, (_, n) => n),
        );
      }
    });

    test("a crash of the root ends the VM with its reason: links and monitors hear it once", async () => {
      start();
      const a = await boot();
      const b = await boot();
      await host.self.callWithin(patienceMs, a.root, "watch", b.root);
      host.self.cast(b.root, "crash");
      expect(await b.ended).toMatchObject({ type: "crash", name: "TypeError", message: "told to crash" });
      const downs = await eventually(
        async () => await host.self.callWithin(patienceMs, a.root, "downs"),
        (all) => all.length >= 2,
      );
      expect(downs.map((text) => text.slice(0, 4)).toSorted()).toEqual(["down", "exit"]);
      expect(downs.every((text) => text.includes("told to crash"))).toBe(true);
      const crash = lines.find(({ vm, text }) => vm === "program" && text.includes("told to crash"));
      expect(crash).toMatchObject({ level: "error", label: "puppet" });
      expect(JSON.stringify(crash?.details)).toContain("fixtures/program.ts:");
    });

    test("a VM that is killed in the middle of a burst: heard once, later sends are dead letters, others go on", async () => {
      start();
      const a = await boot();
      const b = await boot();
      const c = await boot();
      await host.self.callWithin(patienceMs, a.root, "watch", b.root);
      await host.self.callWithin(patienceMs, a.root, "burst", b.root, 0, 5000);
      host.kill(b.vm);
      expect(await b.ended).toBe("killed");
      const downs = await eventually(
        async () => await host.self.callWithin(patienceMs, a.root, "downs"),
        (all) => all.length >= 2,
      );
      expect(downs.toSorted()).toEqual(['down "killed"', 'exit "killed"']);
      await host.self.callWithin(patienceMs, a.root, "burst", b.root, 0, 3);
      await eventually(
        () => lines,
        (all) => all.some(({ text }) => text.includes("dead letter")),
      );
      await host.self.callWithin(patienceMs, a.root, "burst", c.root, 0, 10);
      expect(
        (
          await eventually(
            async () => await host.self.callWithin(patienceMs, c.root, "notes"),
            (all) => all.length === 10,
          )
        ).length,
      ).toBe(10);
    });

    test("an endless loop is noticed, and only this VM is killed and restarted", async () => {
      start();
      const { root } = await host.boot(image, { entry: "keeper", args: [] });
      const keeper = root as Ref<never> as Ref<Keeper>;
      const { one, two } = await host.self.callWithin(patienceMs, keeper, "children");
      const before = await host.self.callWithin(patienceMs, keeper, "whichChildren");
      host.self.cast(one, "spin");
      const after = await eventually(
        async () => await host.self.callWithin(patienceMs, keeper, "whichChildren"),
        (now) =>
          now.every(({ state }) => state === "running") &&
          String(now[1]?.incarnation) !== String(before[1]?.incarnation),
      );
      expect(String(after[0]?.incarnation)).toBe(String(before[0]?.incarnation));
      expect(await host.self.callWithin(patienceMs, one, "echo", 1)).toBe(1);
      expect(await host.self.callWithin(patienceMs, two, "echo", 2)).toBe(2);
      expect(lines.some(({ vm, text }) => vm === "one" && text.includes("has not turned"))).toBe(true);
    });

    test("an endless loop outside the kernel's turn is noticed too", async () => {
      start();
      const a = await boot({ watchdogMs: 300 });
      host.self.cast(a.root, "spinInTimer");
      expect(await a.ended).toMatchObject({ code: "VM_WEDGED" });
    });

    test("a memory limit kills only this VM", async () => {
      start();
      // A collector that finds nothing to collect keeps a slow machine busy for longer than a watchdog waits.
      const a = await boot({ memoryMb: 32, watchdogMs: Infinity });
      const b = await boot();
      const gone = host.self.callWithin(patienceMs, a.root, "exhaust").then(
        () => "answered",
        (error: unknown) => (isMotesError(error) ? error.code : "?"),
      );
      expect(await a.ended).toBe("killed");
      expect(await gone).toBe("CALL_EXIT");
      expect(await host.self.callWithin(patienceMs, b.root, "echo", 1)).toBe(1);
      expect(lines.some(({ text }) => text.includes("out of memory"))).toBe(true);
    });

    test("its console lines reach the host's log with VM and actor", async () => {
      start();
      const a = await boot({ name: "talker" });
      await host.self.callWithin(patienceMs, a.root, "say", "good evening");
      const line = await eventually(
        () => lines.find(({ text }) => text === "good evening"),
        (found) => found !== undefined,
      );
      expect(line).toMatchObject({ vm: "talker", level: "info", label: "puppet", actor: String(a.root) });
    });

    test("its event loop goes on while it is busy", async () => {
      start();
      const a = await boot();
      expect(await host.self.callWithin(patienceMs, a.root, "ticks")).toBeGreaterThanOrEqual(20);
    });

    test("ways to end: a normal stop, exit, process.exit", async () => {
      start();
      const [a, b, c] = [await boot(), await boot(), await boot()];
      host.self.cast(a.root, "finish");
      host.self.cast(b.root, "leave");
      host.self.cast(c.root, "quit");
      expect(await a.ended).toBe("normal");
      expect(await b.ended).toBe("left");
      expect(await c.ended).toMatchObject({ type: "crash", name: "Exit" });
    });

    test("a root that fails, ignores, is not there, or takes too long does not boot, and leaves nothing", async () => {
      start();
      await expect(boot({ entry: "puppet", args: ["fails"] })).rejects.toMatchObject({
        code: "VM_START_FAILED",
        message: expect.stringContaining("init was told to fail") as string,
      });
      await expect(boot({ entry: "puppet", args: ["ignores"] })).rejects.toMatchObject({
        code: "VM_START_FAILED",
      });
      await expect(boot({ entry: "nothing" })).rejects.toThrow(/no unikernel named "nothing"/);
      await expect(boot({ entry: "slow", args: [], bootTimeoutMs: 200 })).rejects.toThrow(
        /not ready within 200 ms/,
      );
    });

    test("a VM ends with its owner", async () => {
      start();
      const { root } = await host.boot(image, { entry: "owner", args: [] });
      const owner = root as Ref<never> as Ref<Owner>;
      const owned = await host.self.callWithin(patienceMs, owner, "owned");
      host.self.monitor(owned);
      host.self.cast(owner, "crash");
      await eventually(
        () => host.running,
        (running) => running.length === 0,
      );
    });

    test(`${boots} boots and kills leave nothing`, async () => {
      start();
      await (await boot()).kill();
      const before = threads();
      for (let i = 0; i < boots; i++) await (await boot()).kill();
      expect(threads()).toBeLessThanOrEqual(before);
      expect(host.running).toEqual([]);
    });
  });
}

const threads = (): number => readdirSync("/proc/self/task").length;
