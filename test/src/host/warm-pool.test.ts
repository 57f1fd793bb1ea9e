import { readdirSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { devices } from "../../../kernel/index.ts";
import { type PoolHost, WarmPool } from "../../../src/host/warm-pool.ts";
import { bundle, type RunningVm } from "../../../src/index.ts";
import { BlankIsolate } from "../../../src/targets/isolate/blank.ts";
import type { AnyImage } from "../../../src/image/image.ts";
import type { Blank, BlankSpec, Program } from "../../../src/targets/target.ts";
import { eventually } from "../eventually.ts";
import type early from "../fixtures/early.ts";
import type { Early } from "../fixtures/early.ts";
import { fixture, Lab } from "../lab.ts";

const lab = new Lab();
afterEach(() => lab.close());

const spec = { memoryMb: 64, env: true, spawns: false };

/** A blank in the hand of a test. */
class Hand implements Blank {
  readonly wanted: BlankSpec;
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

  constructor(wanted: BlankSpec) {
    this.wanted = wanted;
  }

  load(image: AnyImage): void {
    this.read.push(image);
  }

  async close(): Promise<void> {
    this.end();
    await this.ended;
  }
}

const pools: WarmPool[] = [];
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
});

function pooled(
  size: number,
  host: Partial<PoolHost> = {},
): { readonly pool: WarmPool; readonly made: Hand[]; readonly told: string[] } {
  const made: Hand[] = [];
  const told: string[] = [];
  const make = (wanted: BlankSpec): Blank => {
    const hand = new Hand(wanted);
    made.push(hand);
    return hand;
  };
  const warn = (text: string): void => void told.push(text);
  const pool = new WarmPool(make, spec, size, { mayAdd: () => true, warn, ...host });
  pools.push(pool);
  return { pool, made, told };
}

/** Fills the pool, and each blank is ready at once. */
async function fill({ pool, made }: Pick<ReturnType<typeof pooled>, "pool" | "made">): Promise<void> {
  const before = made.length;
  const filled = pool.fill();
  for (let n = before; made[n] !== undefined; n++) {
    made[n]?.become();
    await soon();
  }
  await filled;
}

const programOf = (path: string, devices: Program["devices"] = []): Program => ({
  // Sound: a pool looks at no more of it.
  image: { path } as AnyImage,
  devices,
});

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
    const program = { ...programOf("a"), devices: undefined };
    pool.booted(program);
    await fill({ pool, made });
    expect(made[0]?.read).toEqual([program.image]);
  });

  test("warm pool: as many more are primed for the programs that were booted last, and become nothing else", async () => {
    const { pool, made } = pooled(2);
    const [a, b, c] = [programOf("a"), programOf("b", ["vms"]), programOf("c")];
    pool.booted(a);
    await fill({ pool, made });
    expect(made.map(({ wanted }) => wanted.program)).toEqual([undefined, undefined, a, a]);
    pool.booted(b);
    await fill({ pool, made });
    // One of the two for `a` had to go.
    expect([made.length, pool.count, made.at(-1)?.wanted.program]).toEqual([5, 4, b]);
    expect(pool.take({ ...spec, program: { ...b, devices: [] } })).toBe(made[0]);
    expect(pool.take({ ...spec, program: { ...b, image: { ...b.image } } })).toBe(made[1]);
    expect(pool.take({ ...spec, program: c })).toBeUndefined();
    expect(pool.take({ ...spec, program: b })).toBe(made[4]);
    expect(pool.take({ ...spec, program: { ...a, devices: [] } })).toBe(made[2]);
    expect(pool.count).toBe(0);
  });

  test("warm pool: the program that was booted longest ago gives way", async () => {
    const { pool, made } = pooled(2);
    for (const path of ["a", "b", "c"]) pool.booted(programOf(path));
    await fill({ pool, made });
    expect(made.slice(2).map(({ wanted }) => wanted.program?.image.path)).toEqual(["c", "b"]);
  });

  test("warm pool: a program that reaches something outside its VM is not primed", async () => {
    const { pool, made } = pooled(1);
    for (const device of devices.filter((name) => name !== "vms")) pool.booted(programOf(device, [device]));
    pool.booted({ ...programOf("all"), devices: undefined });
    await fill({ pool, made });
    expect(made).toHaveLength(1);
  });

  test("warm pool: a program that does not get through its top level is not tried again, and booted as ever", async () => {
    const { pool, made, told } = pooled(1);
    const program = programOf("a");
    await fill({ pool, made });
    pool.booted(program);
    const filled = pool.fill();
    made[1]?.fail(new Error("thrown at its top level"));
    await filled;
    pool.booted(program);
    await pool.fill();
    expect([made.length, told]).toEqual([2, []]);
    expect(pool.take({ ...spec, program })).toBe(made[0]);
  });

  test("warm pool: makes none while its host says no, and gives way from the newest on", async () => {
    let room = 0;
    const { pool, made } = pooled(2, { mayAdd: () => pool.count < room });
    await pool.fill();
    expect(made).toHaveLength(0);
    room = 3;
    pool.booted(programOf("a"));
    await fill({ pool, made });
    expect(pool.count).toBe(3);
    const gone: number[] = [];
    for (const [n, hand] of made.entries()) void hand.ended.then(() => gone.push(n));
    for (let n = 0; n < 4; n++) await pool.giveWay();
    await soon();
    expect([pool.count, gone]).toEqual([0, [2, 1, 0]]);
  });

  test("warm pool: what is being made is held, too, and gives way before what is ready", async () => {
    const { pool, made, told } = pooled(4);
    const filled = pool.fill();
    made[0]?.become();
    await soon();
    expect([pool.count, pool.held]).toEqual([1, 2]);
    // More often than it tries with blanks that do not come up: this is no failure.
    for (let n = 1; n < 5; n++) {
      await pool.giveWay();
      await made[n]?.ended;
      expect([pool.count, pool.held]).toEqual([1, 1]);
      await soon();
      expect(made.length).toBe(n + 2);
    }
    await pool.close();
    await filled;
    expect([pool.held, told]).toEqual([0, []]);
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
    expect(told).toEqual(["no VMs are kept ready: Error: no thread 2"]);
    await pool.fill();
    expect(made).toHaveLength(3);
  });

  test("warm pool: closing ends the one under way, too, and leaves none", async () => {
    const { pool, made, told } = pooled(2);
    const filled = pool.fill();
    await pool.close();
    await Promise.all([filled, made[0]?.ended]);
    expect([made.length, pool.count, told]).toEqual([1, 0, []]);
  });

  test("warm pool: a program that gives way while it is being primed is not held to be unfit", async () => {
    const { pool, made } = pooled(1);
    await fill({ pool, made });
    const [a, b] = [programOf("a"), programOf("b")];
    pool.booted(a);
    const filled = pool.fill();
    pool.booted(b);
    await made[1]?.ended;
    await soon();
    made[2]?.become();
    await filled;
    pool.booted(a);
    await fill({ pool, made });
    expect(made.slice(1).map(({ wanted }) => wanted.program)).toEqual([a, b, a]);
  });
});

describe("warm isolates", () => {
  test("warm pool: a real blank reads an image, and is gone when it is closed, also one that is primed", async () => {
    const before = threads();
    const image = await lab.obedient();
    const blank = new BlankIsolate(spec, "test");
    await blank.ready;
    blank.load(image);
    const primed = new BlankIsolate({ ...spec, env: false, program: { image, devices: [] } }, "test");
    await primed.ready;
    await Promise.all([blank.close(), primed.close()]);
    expect(threads()).toBeLessThanOrEqual(before);
  });

  test("host: of a primed program nothing runs but its top level until it is booted, and what it said there is heard then", async () => {
    const { host, journal } = lab.host({ warm: { vms: 1 } });
    const image = await bundle<typeof early>(fixture("early"));
    const boot = (): Promise<RunningVm<Early>> => host.boot(image, { devices: [] });
    const first = await boot();
    await eventually(
      () => host.blanks,
      (count) => count === 2,
    );
    const askedAtMs = Date.now();
    expect(journal.matching(/from the top level/)).toHaveLength(1);
    const second = await boot();
    const seen = await host.self.call(second.root, "seen");
    expect(seen.loadedAtMs).toBeLessThanOrEqual(askedAtMs);
    expect(seen.turnedAtMs).toBeGreaterThanOrEqual(askedAtMs);
    // Its timers run from now on.
    await host.self.call(second.root, "turned");
    expect(journal.matching(/from the top level/)).toHaveLength(2);
    expect(journal.matching(/DEVICE_REFUSED|refused: process.env/)).toHaveLength(2);
    // Another grant is another program.
    const third = await host.boot(image, { devices: ["vms"] });
    const thirds = await host.self.call(third.root, "seen");
    expect(thirds.loadedAtMs).toBeGreaterThanOrEqual(askedAtMs);
    for (const vm of [first, second, third]) await vm.kill();
  });

  test("host: a program that throws at its top level says so at each boot, warm or not", async () => {
    const { host, journal } = lab.host({ warm: { vms: 1 } });
    const image = await bundle(fixture("bad/throws"));
    for (let n = 0; n < 2; n++) {
      await expect(host.boot(image, { devices: [] })).rejects.toMatchObject({ code: "IMAGE_THROWS" });
      await eventually(
        () => host.blanks,
        (count) => count === 1,
      );
    }
    expect(journal.matching(/kept ready/)).toEqual([]);
  });

  test("host: blanks have what its VMs leave of its memory", async () => {
    const { host } = lab.host({ warm: { vms: 2, env: true, memoryMb: 64 }, memoryMbMax: 150 });
    await eventually(
      () => host.blanks,
      (count) => count === 2,
    );
    const vm = await lab.boot(host, { memoryMb: 100 });
    expect(host.blanks).toBe(0);
    await vm.kill();
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
