import { Worker } from "node:worker_threads";
import { describe, expect, test } from "vitest";
import { Doorbell } from "../../../src/targets/doorbell.ts";

const bell = (): Doorbell => new Doorbell(new Int32Array(new SharedArrayBuffer(64)), 3);
const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

/** How often a sleeper was woken. */
interface Woken {
  times: number;
}

async function wokenMoreThan(woken: Woken, before: number): Promise<void> {
  while (woken.times <= before) await turn();
}

describe("doorbell", () => {
  test("doorbell: wakes a sleeper once", async () => {
    const door = bell();
    const woken: Woken = { times: 0 };
    door.arm();
    expect(door.wait(() => void woken.times++)).toBe(false);
    await turn();
    expect(woken.times).toBe(0);
    door.ring();
    door.ring();
    await wokenMoreThan(woken, 0);
    await turn();
    expect(woken.times).toBe(1);
  });

  test("doorbell: rung between arming and waiting, there is no wait", () => {
    const door = bell();
    door.arm();
    door.ring();
    expect(door.wait(() => expect.unreachable())).toBe(true);
  });

  test("doorbell: arming forgets what was rung before", async () => {
    const door = bell();
    const woken: Woken = { times: 0 };
    door.ring();
    door.arm();
    expect(door.wait(() => void woken.times++)).toBe(false);
    door.ring();
    await wokenMoreThan(woken, 0);
  });

  test.each([false, true])(
    "doorbell: a wait that was left behind serves the next sleep (rung between: %s)",
    async (rungBetween) => {
      const door = bell();
      const woken: Woken = { times: 0 };
      const wake = (): void => void woken.times++;
      door.arm();
      expect(door.wait(wake)).toBe(false);
      // Woken by something else: the wait stays behind.
      if (rungBetween) door.ring();
      door.arm();
      expect(door.wait(wake)).toBe(false);
      door.ring();
      await wokenMoreThan(woken, 0);
      // And the one after that.
      const before = woken.times;
      door.arm();
      if (door.wait(wake)) return;
      door.ring();
      await wokenMoreThan(woken, before);
    },
  );

  test("doorbell: rung from another thread, 5,000 times, it never fails to wake", async () => {
    const words = new Int32Array(new SharedArrayBuffer(64));
    const door = new Doorbell(words, 0);
    const rounds = 5000;
    // Word 1 counts the sleeper's rounds. The ringer rings as soon as it sees the next, which is while the sleeper falls asleep.
    const ringer = new Worker(
      `const { workerData: words } = require("node:worker_threads");
       for (let n = 1; n <= ${rounds}; n++) {
         for (let look = 0; look < 2000 && Atomics.load(words, 1) < n; look++);
         while (Atomics.load(words, 1) < n) Atomics.wait(words, 1, n - 1);
         Atomics.store(words, 0, 1);
         Atomics.notify(words, 0);
       }`,
      { eval: true, workerData: words, execArgv: [] },
    );
    const ended = new Promise((done) => void ringer.once("exit", done));
    let resume = (): void => {};
    const rung = (): boolean => Atomics.load(words, 0) !== 0;
    for (let n = 1; n <= rounds; n++) {
      door.arm();
      Atomics.store(words, 1, n);
      Atomics.notify(words, 1);
      // As a vCPU does: always the same call-back, which may come without need, and a look at what there is after it.
      while (!rung()) {
        const woken = new Promise<void>((done) => {
          resume = done;
        });
        if (door.wait(() => resume())) break;
        // Now and then something else wakes it, and the wait stays behind.
        if (n % 7 === 0) await turn();
        else await woken;
      }
    }
    await ended;
    expect(Atomics.load(words, 1)).toBe(rounds);
  });
});
