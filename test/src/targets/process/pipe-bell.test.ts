import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Bells } from "../../../../src/targets/process/bells.ts";
import { loadNative } from "../../../../src/targets/process/load-native.ts";
import type { PipeBell } from "../../../../src/targets/process/pipe-bell.ts";
import { createRegion } from "../../../../src/targets/process/region.ts";

const { native, addonPath } = loadNative();
const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

interface Made {
  readonly bell: PipeBell;
  readonly words: Int32Array;
  readonly folder: string;
}

/** A bell over word 3. */
function made(): Made {
  const folder = mkdtempSync("/dev/shm/test-motes-");
  const mapping = createRegion(native, join(folder, "words"), 4096);
  const words = new Int32Array(mapping.buffer);
  const bells = new Bells(native, folder, "holds the loop", { writeSync, Socket });
  bells.make(0);
  opened.push(() => {
    bells.close();
    mapping.close();
    rmSync(folder, { recursive: true });
  });
  return { bell: bells.at(words, 3, 0), words, folder };
}

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

describe("pipe-bell", () => {
  test("pipe-bell: wakes a sleeper, and rung again before the next sleep it writes nothing", async () => {
    const { bell } = made();
    const woken = { times: 0 };
    bell.arm();
    expect(bell.wait(() => void woken.times++)).toBe(false);
    await turn();
    expect(woken.times).toBe(0);
    for (let n = 0; n < 100_000; n++) bell.ring();
    while (woken.times === 0) await turn();
    for (let n = 0; n < 20; n++) await turn();
    expect(woken.times).toBe(1);
  });

  test("pipe-bell: rung between arming and waiting, there is no wait", () => {
    const { bell } = made();
    bell.arm();
    bell.ring();
    expect(bell.wait(() => {})).toBe(true);
  });

  test("pipe-bell: nobody waits and the pipe is full: ringing does not wait either", () => {
    const { bell } = made();
    for (let n = 0; n < 100_000; n++) {
      bell.arm();
      bell.ring();
    }
    expect(bell.wait(() => {})).toBe(true);
  });

  test("pipe-bell: rung from another process, 2,000 times, it never fails to wake", async () => {
    const { bell, words, folder } = made();
    const rounds = 2000;
    // Word 40 counts the sleeper's rounds: the other process rings as soon as it sees the next one, which is while that falls asleep.
    const child = spawn(process.execPath, [
      "-e",
      `const addon = { exports: {} };
       process.dlopen(addon, ${JSON.stringify(addonPath)});
       const koffi = addon.exports;
       const fs = require("node:fs");
       const lib = koffi.load(null);
       const fd = lib.func("int open(const char *p, int f, int m)")(${JSON.stringify(join(folder, "words"))}, 2, 0);
       const at = lib.func("void *mmap(void *a, size_t n, int p, int f, int d, int64_t o)")(null, 4096, 3, 1, fd, 0);
       const words = new Int32Array(koffi.view(at, 4096));
       const pipe = fs.openSync(${JSON.stringify(join(folder, "bell-0"))}, "r+");
       for (let n = 1; n <= ${rounds}; n++) {
         while (Atomics.load(words, 40) < n);
         if (Atomics.load(words, 3) !== 0) continue;
         Atomics.store(words, 3, 1);
         fs.writeSync(pipe, "x");
       }`,
    ]);
    const ended = once(child, "exit");
    let resume = (): void => {};
    for (let n = 1; n <= rounds; n++) {
      bell.arm();
      Atomics.store(words, 40, n);
      while (Atomics.load(words, 3) === 0) {
        const woken = new Promise<void>((done) => {
          resume = done;
        });
        if (bell.wait(() => resume())) break;
        await woken;
      }
    }
    expect(await ended).toEqual([0, null]);
  });
});
