import { readdirSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { WarmPool } from "../../../src/host/warm-pool.ts";
import { BlankIsolate } from "../../../src/targets/isolate/blank.ts";
import type { AnyImage } from "../../../src/image/image.ts";
import type { Blank } from "../../../src/targets/target.ts";
import { Lab } from "../lab.ts";

const lab = new Lab();
afterEach(() => lab.close());

const spec = { memoryMb: 64, env: true };

/** A blank in the hand of a test. */
class Hand implements Blank {
  become: () => void = () => {};
  fail: (why: Error) => void = () => {};
  end: () => void = () => {};
  readonly read: AnyImage[] = [];
  readonly ready = new Promise<void>((resolve, reject) => {
    this.become = resolve;
    this.fail = reject;
  });
  readonly ended = new Promise<void>((resolve) => {
    this.end = resolve;
  });

  load(image: AnyImage): void {
    this.read.push(image);
  }

  async close(): Promise<void> {
    this.end();
    await this.ended;
  }
}

function pooled(size: number): { readonly pool: WarmPool; readonly made: Hand[]; readonly told: unknown[] } {
  const made: Hand[] = [];
  const told: unknown[] = [];
  const make = (): Blank => {
    const hand = new Hand();
    made.push(hand);
    return hand;
  };
  return { pool: new WarmPool(make, spec, size, (why) => void told.push(why)), made, told };
}

/** Lets promises go on. */
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const threads = (): number => readdirSync("/proc/self/task").length;

describe("warm pool", () => {
  test("warm pool: is filled one at a time up to its size, and hands out only what is ready and fits", async () => {
    const { pool, made } = pooled(2);
    const filled = pool.fill();
    expect(made).toHaveLength(1);
    expect(pool.take(spec)).toBeUndefined();
    made[0]?.become();
    await soon();
    expect(made).toHaveLength(2);
    made[1]?.become();
    await filled;
    expect(pool.count).toBe(2);
    expect(pool.take({ ...spec, memoryMb: 65 })).toBeUndefined();
    expect(pool.take({ ...spec, env: false })).toBeUndefined();
    expect([pool.take(spec), pool.take(spec), pool.take(spec)]).toEqual([made[0], made[1], undefined]);
  });

  test("warm pool: those to come read the image that was booted last", async () => {
    const { pool, made } = pooled(1);
    const image = { path: "a" } as AnyImage;
    // oxlint-disable-next-line unicorn/no-array-fill-with-reference-type -- a pool is no array
    const filled = pool.fill(image);
    made[0]?.become();
    await filled;
    expect(made[0]?.read).toEqual([image]);
  });

  test("warm pool: one that ends by itself is replaced, and one that was taken is not", async () => {
    const { pool, made } = pooled(1);
    const filled = pool.fill();
    made[0]?.become();
    await filled;
    made[0]?.end();
    await soon();
    expect(made).toHaveLength(2);
    made[1]?.become();
    await soon();
    expect(pool.take(spec)).toBe(made[1]);
    made[1]?.end();
    await soon();
    expect(made).toHaveLength(2);
  });

  test("warm pool: gives up after three that did not come up, and says why", async () => {
    const { pool, made, told } = pooled(1);
    const filled = pool.fill();
    for (let n = 0; n < 3; n++) {
      made[n]?.fail(new Error(`no thread ${n}`));
      await soon();
    }
    await filled;
    expect(made).toHaveLength(3);
    expect(told.map(String)).toEqual(["Error: no thread 2"]);
    await pool.fill();
    expect(made).toHaveLength(3);
  });

  test("warm pool: closing waits for the one under way, and leaves none", async () => {
    const { pool, made } = pooled(2);
    void pool.fill();
    const closed = pool.close();
    made[0]?.become();
    await closed;
    expect(made).toHaveLength(1);
    expect(pool.count).toBe(0);
  });

  test("warm pool: a real blank reads an image, is used up by a VM, and is gone with it", async () => {
    const before = threads();
    const blank = new BlankIsolate(spec, "test");
    await blank.ready;
    blank.load(await lab.obedient());
    await blank.close();
    expect(threads()).toBeLessThanOrEqual(before);
  });

  test("host: boots from blanks answer as all others, also with another heap or image, and nothing is left", async () => {
    const before = threads();
    const { host, journal } = lab.host({ warm: { vms: 2, env: true } });
    for (let n = 0; n < 4; n++) {
      const vms = await lab.boots(host, 3);
      for (const { root } of vms) expect(await host.self.call(root, "ping")).toBe("pong");
      const large = await lab.boot(host, { memoryMb: 512 });
      expect(await host.self.call(large.root, "ping")).toBe("pong");
      for (const vm of [...vms, large]) await vm.kill();
    }
    await lab.close();
    expect(threads()).toBeLessThanOrEqual(before);
    expect(journal.matching(/kept ready/)).toEqual([]);
    for (const warm of [{ vms: 0 }, { vms: 1.5 }, { vms: 1, memoryMb: -1 }])
      expect(() => lab.host({ warm })).toThrow(expect.objectContaining({ code: "BAD_OPTION" }) as Error);
  });
});
