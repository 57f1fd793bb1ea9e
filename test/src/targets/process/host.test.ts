import { readdirSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { bundle, createHost, processTarget, type RunningVm } from "../../../../src/index.ts";
import { loadNative } from "../../../../src/targets/process/load-native.ts";
import { motes } from "../../../support/motes.ts";
import { eventually } from "../../eventually.ts";
import type { Cornered } from "../../fixtures/cornered.ts";
import type cornered from "../../fixtures/cornered.ts";
import { fixture, Lab } from "../../lab.ts";

/** Folders of this process's hosts, or of another's. */
const folders = (pid: number = process.pid): readonly string[] =>
  readdirSync("/dev/shm").filter((name) => new RegExp(`^motes-\\d+-${pid}-`).test(name));

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe("process: what is left", () => {
  const lab = new Lab();
  afterEach(() => lab.close());
  const open = (): ReturnType<Lab["host"]> => lab.host({ target: processTarget });

  test("process: a host's folder goes when it stops, whatever has become of its VMs", async () => {
    const before = folders();
    const { host } = open();
    expect(folders()).toHaveLength(before.length + 1);
    const [a, b] = await lab.boots(host, 3);
    if (a === undefined || b === undefined) throw new Error("three were asked for");
    host.self.cast(a.root, "crashOutside");
    await a.ended;
    void b.kill();
    await host.stop();
    expect(folders()).toEqual(before);
  });

  test("process: rings go with their VMs", async () => {
    const { host } = open();
    const names = (): readonly string[] =>
      folders().flatMap((folder) =>
        readdirSync(`/dev/shm/${folder}`).filter((name) => name.startsWith("ring")),
      );
    const [a, b] = await lab.boots(host, 2);
    if (a === undefined || b === undefined) throw new Error("two were asked for");
    expect(await host.self.call(a.root, "add", b.root)).toBe("pong");
    expect(names()).toHaveLength(3);
    await b.kill();
    expect(names()).toHaveLength(1);
    await a.kill();
    expect(names()).toEqual([]);
  });

  test("process: a host that is killed takes its VMs along, also one that loops, and the next host sweeps", async () => {
    const running = motes(["run", fixture("cornered"), "--target", "process"]);
    const pids = [await running.says(/root (\d+)/), await running.says(/wedged (\d+)/)].map(([, pid]) =>
      Number(pid),
    );
    expect(folders(running.pid)).toHaveLength(1);
    expect(pids.map(alive)).toEqual([true, true]);
    running.kill();
    await eventually(
      () => pids.map(alive),
      (each) => !each.includes(true),
    );
    // Its VMs end with its thread, which may be before it has ended itself.
    await running.ended;
    // Whichever host starts next: one of another test may have been it.
    await createHost({ target: processTarget }).stop();
    expect(folders(running.pid)).toEqual([]);
  });
});

describe("process: what a program cannot do", () => {
  const lab = new Lab();
  afterEach(() => lab.close());

  async function boot(): Promise<{ readonly vm: RunningVm<Cornered> } & ReturnType<Lab["host"]>> {
    const opened = lab.host({ target: processTarget });
    const vm = await opened.host.boot(await bundle<typeof cornered>(fixture("cornered")), { args: [true] });
    return { vm, ...opened };
  }

  test("process: files, processes, threads, native code and the environment are out of its reach", async () => {
    const { vm, host } = await boot();
    expect(await host.self.call(vm.root, "attempts", loadNative().addonPath)).toEqual({
      read: "ERR_ACCESS_DENIED",
      write: "ERR_ACCESS_DENIED",
      folder: "ERR_ACCESS_DENIED",
      spawn: "ERR_ACCESS_DENIED",
      worker: "ERR_ACCESS_DENIED",
      native: "ERR_ACCESS_DENIED",
      signal: "ERR_ACCESS_DENIED",
      rawSignal: "ERR_ACCESS_DENIED",
      binding: "ERR_ACCESS_DENIED",
      left: "got nothing",
      cached: "got 0",
      env: "got 0",
      argv: "got 1",
    });
  });

  test("process: all lines of a flood arrive, in order, and one that is too long is cut", async () => {
    const { vm, host, journal } = await boot();
    expect(await host.self.call(vm.root, "flood")).toBe("flooded");
    await journal.until(/x299$/);
    const numbers = journal.matching(/^x/).map(({ text }) => Number(text.slice(10_000)));
    expect(numbers).toEqual(Array.from({ length: 300 }, (_, n) => n));
    await host.self.call(vm.root, "long");
    expect((await journal.until(/^y+/)).text).toMatch(/^y{10000} \.\.\. \(cut\)$/);
  });

  test("process: one that is ended from outside tells by what", async () => {
    const reasons = await Promise.all(
      (["SIGKILL", "SIGSEGV"] as const).map(async (signal) => {
        const { vm, host } = await boot();
        process.kill(await host.self.call(vm.root, "pid"), signal);
        return vm.ended;
      }),
    );
    expect(reasons).toEqual([
      "killed",
      expect.objectContaining({ type: "crash", name: "Signal", code: "SIGSEGV" }),
    ]);
  });
});
