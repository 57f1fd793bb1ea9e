import { createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Host, Ref, RunningVm, Target } from "../../src/index.ts";
import { createHost, reasonText } from "../../src/index.ts";
import type { Image } from "../../src/image/image.ts";
import { runnable } from "../../src/image/run.ts";
import { eventually, patienceMs } from "../src/eventually.ts";
import { type Entry, Journal } from "../src/journal.ts";
import type { Hostile, Outcomes, Peaceful } from "./fixtures/hostile.ts";
import { attacks, promises, smallMb, type Attack } from "./promises.ts";

/** One program that means harm, booted by a target beside one that does not: what was promised is kept, and the other one notices nothing. `chosen`: of the attacks. */
export function targetSecurity(target: Target, chosen: readonly string[] = Object.keys(attacks)): void {
  const promised = promises[target.name];
  if (promised === undefined) throw new Error(`nothing is promised of ${target.name}`);
  const attack = (name: Attack, body: () => Promise<void>): void => {
    const state = chosen.includes(name) ? promised[name] : undefined;
    if (state === "kept" || state === "absent") test(`${attacks[name]}`, body);
  };

  describe(`security of ${target.name}: a hostile program tries to`, () => {
    let image: Image;
    let server: Server;
    let port = 0;
    let connections = 0;
    let host: Host;
    let journal: Journal;
    let neighbour: RunningVm<Peaceful>;
    let pulse: Pulse;

    beforeAll(async () => {
      image = await runnable(fileURLToPath(new URL("fixtures/hostile.ts", import.meta.url)), {});
      server = createServer(() => connections++).listen(0, "127.0.0.1");
      await once(server, "listening");
      const address = server.address();
      port = typeof address === "object" && address !== null ? address.port : 0;
    });
    afterAll(() => void server.close());

    beforeEach(async () => {
      journal = new Journal();
      host = createHost({ target, log: journal });
      // Sound: the fixture says so.
      neighbour = (await host.boot(image, {
        entry: "neighbour",
        name: "neighbour",
        args: [],
      })) as RunningVm<Peaceful>;
      pulse = new Pulse(host, neighbour.root);
    });
    /** Whatever was tried: the neighbour has answered all the time, and nothing was logged in its name. */
    afterEach(async () => {
      expect(await pulse.stop()).toBeGreaterThan(0);
      expect(journal.of("neighbour").filter((text) => !/^lost VM|dead letter/.test(text))).toEqual([]);
      await host.stop();
      expect(host.holds).toEqual({ vms: 0, timers: 0, calls: 0, bonds: 0 });
    });

    const boot = async (options: object = {}): Promise<RunningVm<Hostile>> =>
      // Sound: the fixture says so.
      (await host.boot(image, { name: "hostile", ...options })) as RunningVm<Hostile>;
    const ask = <T>(what: (root: Ref<Hostile>) => PromiseLike<T>): Promise<T> =>
      boot().then(async ({ root }) => await what(root));
    const refused = async (name: Attack, outcomes: Outcomes, logged: RegExp): Promise<void> => {
      for (const [door, outcome] of Object.entries(outcomes))
        expect(`${door}: ${outcome}`).not.toMatch(/: open$/);
      if (promised[name] === "kept") expect((await journal.until(logged)).vm).toBe("hostile");
    };

    attack("files", async () => {
      await refused(
        "files",
        await ask((root) => host.self.callWithin(patienceMs, root, "files")),
        /refused: fs\.readFileSync needs the device store/,
      );
    });

    attack("sockets", async () => {
      await refused(
        "sockets",
        await ask((root) => host.self.callWithin(patienceMs, root, "sockets", port)),
        /refused: net\.connect needs the device listen or connect/,
      );
      expect(connections).toBe(0);
    });

    attack("processes", async () => {
      await refused(
        "processes",
        await ask((root) => host.self.callWithin(patienceMs, root, "processes")),
        /refused: child_process\.spawnSync needs the device spawn/,
      );
    });

    attack("environment", async () => {
      await refused(
        "environment",
        await ask((root) => host.self.callWithin(patienceMs, root, "environment")),
        /refused: process\.env\.PATH/,
      );
    });

    attack("codeFromText", async () => {
      await refused(
        "codeFromText",
        await ask((root) => host.self.callWithin(patienceMs, root, "codeFromText")),
        /refused: code from a string/,
      );
    });

    attack("nativeCode", async () => {
      const addon = fileURLToPath(
        new URL("../../node_modules/@koromix/koffi-linux-x64/linux_x64/koffi.node", import.meta.url),
      );
      await refused(
        "nativeCode",
        await ask((root) => host.self.callWithin(patienceMs, root, "nativeCode", addon)),
        /refused: process\.dlopen/,
      );
    });

    attack("otherRings", async () => {
      const others = await Promise.all(
        ["a", "b"].map((name) => host.boot(image, { name, args: [] }) as Promise<RunningVm<Hostile>>),
      );
      const [a, b] = others;
      if (a === undefined || b === undefined) throw new Error("two were booted");
      await host.self.callWithin(patienceMs, a.root, "forge", b.root);
      // The board and the ring to its host, whoever else talks to whom.
      expect(await ask((root) => host.self.callWithin(patienceMs, root, "memories"))).toBeLessThanOrEqual(2);
    });

    attack("forgery", async () => {
      const { root } = await boot();
      await host.self.callWithin(patienceMs, root, "forge", neighbour.root);
      expect(await host.self.callWithin(patienceMs, neighbour.root, "ping")).toBe("pong");
    });

    attack("kill", async () => {
      const { root } = await boot();
      expect(await host.self.callWithin(patienceMs, root, "kill", neighbour.vm)).toBe("CALL_REFUSED");
      expect(await host.self.callWithin(patienceMs, root, "ping")).toBe("pong");
      expect((await journal.until(/refused: kill of VM \d+/)).vm).toBe("hostile");
      expect(host.running.map(({ name }) => name)).toContain("neighbour");
    });

    for (const [how, code] of [
      ["hugeRecords", "RING_CORRUPT"],
      ["hugeFrames", "FRAME_CORRUPT"],
    ] as const) {
      attack(how, async () => {
        const { root, ended } = await boot();
        host.self.cast(root, how);
        if (promised[how] === "absent")
          return expect(await host.self.callWithin(patienceMs, root, "ping")).toBe("pong");
        expect(await ended).toMatchObject({ type: "crash", code });
        expect((await journal.until(/lost by the host/)).vm).toBe("hostile");
      });
    }

    attack("heap", async () => {
      const { root, ended } = await boot({ memoryMb: smallMb[target.name] ?? 32, watchdogMs: Infinity });
      host.self.cast(root, "heap");
      expect(await ended).toBe("killed");
      expect((await journal.until(/out of memory/)).vm).toBe("hostile");
    });

    attack("buffers", async () => {
      const { root, ended } = await boot({ memoryMb: smallMb[target.name] ?? 32, watchdogMs: Infinity });
      host.self.cast(root, "buffers");
      // Where the allocation is what fails, the program hears of it.
      expect(reasonText(await ended)).toMatch(/^killed$|allocation failed/);
      expect((await journal.until(/out of memory|allocation failed/)).vm).toBe("hostile");
    });

    attack("actors", async () => {
      const { root, ended } = await boot({ memoryMb: smallMb[target.name] ?? 32, watchdogMs: Infinity });
      host.self.cast(root, "actors");
      // QuickJS may lose count of what it holds when it runs out of memory, and gives up the VM then.
      expect(reasonText(await ended)).toMatch(/^killed$|RuntimeError/);
      expect((await journal.until(/out of memory|the VM ended/)).vm).toBe("hostile");
    });

    attack("mailboxes", async () => {
      const { root, ended } = await boot({ memoryMb: smallMb[target.name] ?? 32, watchdogMs: Infinity });
      host.self.cast(root, "mailboxes");
      // QuickJS may lose count of what it holds when it runs out of memory, and gives up the VM then.
      expect(reasonText(await ended)).toMatch(/^killed$|RuntimeError/);
      expect((await journal.until(/out of memory|the VM ended/)).vm).toBe("hostile");
    });

    attack("vms", async () => {
      const { root, vm } = await boot({ vmsMax: 3 });
      for (let n = 0; n < 3; n++)
        expect(await host.self.callWithin(patienceMs, root, "boot", "pawn")).toBe("open");
      const other = await host.boot(image, { entry: "hostile", name: "other", args: [] });
      expect(await host.self.callWithin(patienceMs, root, "boot", "pawn")).toMatch(
        /hostile .*may have 3 VMs at a time/,
      );
      expect((await journal.until(/refused: hostile .*may have 3 VMs/)).vm).toBe("hostile");
      await other.kill();
      // One that ends makes room for another.
      host.kill(vm + 1);
      await eventually(
        () => host.running.length,
        (length) => length === 4,
      );
      expect(await host.self.callWithin(patienceMs, root, "boot", "pawn")).toBe("open");
    });

    attack("undeclared", async () => {
      const { root } = await boot({ devices: ["vms"] });
      expect(await host.self.callWithin(patienceMs, root, "boot", "thirsty")).toMatch(
        /thirsty needs store, which was not granted/,
      );
      expect((await journal.until(/refused: thirsty needs store/)).vm).toBe("hostile");
    });

    attack("logFlood", async () => {
      const { root } = await boot();
      host.self.cast(root, "logFlood", 5000);
      expect((await journal.until(/more than 1000 lines in a second/)).vm).toBe("hostile");
      // What was let through and what was dropped are all there were.
      const { text } = await journal.until(/^\d+ lines were dropped/);
      const lines = journal.of("hostile").filter((line) => line.startsWith("flood "));
      expect(lines.length).toBeGreaterThanOrEqual(1000);
      expect(lines.length + Number.parseInt(text, 10)).toBeLessThanOrEqual(5001);
    });

    attack("connectFlood", async () => {
      const { root } = await boot();
      const flood = 1500;
      // One that did not come within a second, on a machine that has other things to do, was none: another one.
      let refused: Entry | undefined;
      for (let from = 100_000; refused === undefined; from += flood) {
        host.self.cast(root, "connectFlood", from, flood);
        refused = await journal
          .until(/refused: more than 1000 ways in a second/, patienceMs / 15)
          .catch(() => undefined);
      }
      expect(refused.vm).toBe("hostile");
      expect(await host.self.callWithin(patienceMs, root, "ping")).toBe("pong");
    });

    attack("junkFlood", async () => {
      const { root } = await boot();
      host.self.cast(root, "junkFlood", 4000);
      const { text } = await journal.until(/^\d+ ways behind the kernel's back/);
      if (!text.startsWith("0"))
        for (const told of [/told something that is not for its host/, /more than 1000 lines in a second/])
          expect((await journal.until(told)).vm).toBe("hostile");
      expect(await host.self.callWithin(patienceMs, root, "ping")).toBe("pong");
    });

    for (const how of ["loop", "nativeLoop", "microtasks"] as const) {
      attack(how, async () => {
        const { root, ended } = await boot({ watchdogMs: 200 });
        host.self.cast(root, how);
        expect(await ended).toMatchObject({ code: "VM_WEDGED" });
        expect((await journal.until(/has not turned/)).vm).toBe("hostile");
      });
    }
  });
}

/** Calls one VM again and again, each call after the last one's answer, and counts the answers. */
class Pulse {
  private beating = true;
  private readonly beats: Promise<number>;

  constructor(host: Host, ref: Ref<Peaceful>) {
    this.beats = this.beat(host, ref);
  }

  stop(): Promise<number> {
    this.beating = false;
    return this.beats;
  }

  private async beat(host: Host, ref: Ref<Peaceful>): Promise<number> {
    let count = 0;
    do {
      expect(await host.self.callWithin(patienceMs, ref, "ping")).toBe("pong");
      count++;
      await new Promise((resolve) => setTimeout(resolve, 5));
    } while (this.beating);
    return count;
  }
}
