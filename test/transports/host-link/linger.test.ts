import { describe, expect, test } from "vitest";
import { Linger } from "../../../transports/host-link/linger.ts";

/** An event loop whose turns take 0.01 ms each, or as long as it is told. */
class Loop {
  nowMs = 0;
  private next: (() => void) | undefined = undefined;
  spare = true;
  readonly linger: Linger = new Linger(
    () => this.spare,
    () => this.nowMs,
    (then) => {
      this.next = then;
    },
  );

  /** False: it would sleep. */
  turn(tookMs = 0.01): boolean {
    const { next } = this;
    this.next = undefined;
    this.nowMs += tookMs;
    next?.();
    return next !== undefined;
  }

  /** How long it is kept awake. */
  untilAsleep(): number {
    const { nowMs } = this;
    let turns = 0;
    while (this.turn()) if (++turns > 1000) throw new Error("it never sleeps");
    return this.nowMs - nowMs;
  }
}

describe("linger", () => {
  test("linger: packets in vain keep it awake for next to nothing, but every sixteenth for 0.2 ms", () => {
    const loop = new Loop();
    const spent = Array.from({ length: 32 }, () => {
      loop.linger.touched();
      const ms = loop.untilAsleep();
      loop.nowMs += 10;
      return ms;
    });
    for (const [n, ms] of spent.entries())
      if (n % 16 === 15) expect(ms).toBeGreaterThan(0.19);
      else if (n % 16 > 3) expect(ms).toBeLessThan(0.05);
    expect(Math.max(...spent)).toBeLessThan(0.25);
  });

  test("linger: where each packet comes 0.1 ms after the one before, it finds out, and does not sleep in between", () => {
    const loop = new Loop();
    let asleep = 0;
    for (let packet = 0; packet < 200; packet++) {
      loop.linger.touched();
      let awake = true;
      for (let turn = 0; turn < 10; turn++) awake = loop.turn();
      if (packet > 20 && !awake) asleep++;
    }
    expect(asleep).toBe(0);
    expect(loop.untilAsleep()).toBeLessThan(0.25);
  });

  test("linger: a turn that took long ends it, since somebody else wants the core", () => {
    const loop = new Loop();
    for (let n = 0; n < 16; n++) {
      loop.linger.touched();
      if (n < 15) loop.untilAsleep();
    }
    expect(loop.turn()).toBe(true);
    expect(loop.turn(1)).toBe(true);
    expect(loop.turn()).toBe(false);
  });

  test("linger: without a core to spare it sleeps at once", () => {
    const loop = new Loop();
    loop.spare = false;
    for (let packet = 0; packet < 32; packet++) {
      loop.linger.touched();
      expect(loop.turn()).toBe(false);
    }
    loop.spare = true;
    loop.linger.touched();
    expect(loop.turn()).toBe(true);
  });
});
