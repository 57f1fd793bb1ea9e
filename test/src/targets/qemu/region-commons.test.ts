import { readdirSync, readlinkSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { loadNative } from "../../../../src/targets/process/load-native.ts";
import {
  bootOffset,
  imageOffset,
  regionBytes,
  ringOffset,
  ringsMax,
} from "../../../../src/targets/qemu/region.ts";
import { RegionCommons } from "../../../../src/targets/qemu/region-commons.ts";
import { attachRingPair } from "../../../../transports/index.ts";

const open: RegionCommons[] = [];
const fresh = (): RegionCommons => {
  const commons = new RegionCommons(loadNative());
  open.push(commons);
  return commons;
};
/** Nameless files in shared memory that this process has open. */
const held = (): number =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("/dev/shm/");
    } catch {
      return false;
    }
  }).length;

describe("region", () => {
  afterEach(() => {
    for (const commons of open.splice(0)) commons.close();
  });

  test("region: board, rings, boot line and image lie beside each other, and all of it in a power of two", () => {
    expect(Math.log2(regionBytes) % 1).toBe(0);
    expect(ringOffset(ringsMax)).toBeLessThanOrEqual(bootOffset);
    expect(bootOffset).toBeLessThan(imageOffset);
    expect(ringsMax).toBeGreaterThan(400);
  });

  test("region: it has no name, and is gone when it is closed", () => {
    const [names, before] = [readdirSync("/dev/shm").length, held()];
    const commons = fresh();
    commons.ring();
    expect(readdirSync("/dev/shm")).toHaveLength(names);
    expect(held()).toBe(before + 1);
    open.splice(0);
    commons.close();
    expect(held()).toBe(before);
  });

  test("region: a ring's place is used again, after all others, and nothing of the old one is left", () => {
    const commons = fresh();
    const first = commons.ring();
    expect(first.offset).toBe(ringOffset(0));
    new Uint8Array(first.buffer).fill(0xdb);
    commons.release(first);
    const offsets = Array.from({ length: ringsMax - 1 }, () => {
      const ring = commons.ring();
      commons.release(ring);
      return ring.offset;
    });
    expect(offsets).not.toContain(first.offset);
    const again = commons.ring();
    expect(again.offset).toBe(first.offset);
    expect(() => attachRingPair(again.buffer, "a")).not.toThrow();
  });

  test("region: one that is full says so", () => {
    const commons = fresh();
    const rings = Array.from({ length: 3 }, () => commons.ring());
    expect(new Set(rings.map(({ offset }) => offset)).size).toBe(3);
    expect(() =>
      commons.image(Buffer.alloc(regionBytes - imageOffset), Buffer.alloc(1), Buffer.alloc(0)),
    ).toThrow(/too large/);
    expect(() => commons.boot("x".repeat(imageOffset - bootOffset + 1))).toThrow(/too large/);
    expect(commons.boot("\u00e9")).toEqual({ offset: bootOffset, bytes: 2 });
  });
});
