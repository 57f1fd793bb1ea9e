import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "../../../kernel/index.ts";
import { LaneBuffers } from "../../../src/cluster/lane-buffers.ts";
import { LanePacker, LaneUnpacker } from "../../../src/cluster/lane-stream.ts";
import type { Lane } from "../../../transports/index.ts";

const recordMax = limits.farRecordBytesMax;

/** A lane in memory that takes so many records before some are read. */
function memoryLane(
  maxRecordBytes: number,
  room: number,
): { readonly lane: Lane; readonly records: Uint8Array[] } {
  const records: Uint8Array[] = [];
  const lane: Partial<Lane> = {
    maxRecordBytes,
    write(bytes, length) {
      if (records.length >= room) return false;
      expect(length).toBeLessThanOrEqual(maxRecordBytes);
      return records.push(bytes.slice(0, length)) > 0;
    },
    read(target) {
      const next = records.shift();
      if (next === undefined) return -1;
      target.set(next);
      return next.length;
    },
    get waiting() {
      return records.length > 0;
    },
  };
  // Sound: nothing else of a lane is used here.
  return { lane: lane as Lane, records };
}

/** How many of its buffers are in use. */
class Counted extends LaneBuffers {
  taken = 0;

  override take(recordBytesMax: number): Uint8Array {
    this.taken++;
    return super.take(recordBytesMax);
  }

  override give(buffer: Uint8Array): void {
    this.taken--;
    super.give(buffer);
  }
}

test("lane stream: whatever the lengths, the room and the order of steps, records come out whole and in order", () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.oneof(fc.nat(300), fc.nat(recordMax), fc.constant(recordMax)) },
    { weight: 2, arbitrary: fc.constant("flush" as const) },
    { weight: 4, arbitrary: fc.constant("read" as const) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), (steps, room) => {
      const { lane } = memoryLane(4096, room);
      const buffers = new Counted();
      const [packer, unpacker] = [new LanePacker(lane, buffers), new LaneUnpacker(lane, buffers)];
      const target = new Uint8Array(recordMax);
      const taken: number[] = [];
      let sent = 0;
      const read = (): boolean => {
        const length = unpacker.read(target);
        if (length < 0) return false;
        expect(length).toBe(taken.shift());
        if (length > 0) expect([target[0], target[length - 1]]).toEqual([length & 255, length & 255]);
        return true;
      };
      for (const each of steps) {
        if (each === "flush") packer.flush();
        else if (each === "read") read();
        else {
          const record = new Uint8Array(each).fill(each & 255);
          const had = packer.hasRoom;
          const accepted = packer.add(record, each);
          if (had) expect(accepted).toBe(true);
          if (accepted) sent = taken.push(each);
        }
      }
      // Each round moves a record of the lane, at the least.
      for (let round = 0; round < 1000 && taken.length > 0; round++) {
        packer.flush();
        while (read());
      }
      expect([taken, packer.bytes, packer.nextBytes, unpacker.waiting, sent >= 0]).toEqual([
        [],
        0,
        -1,
        false,
        true,
      ]);
      // At rest it has none.
      expect(buffers.taken).toBe(0);
    }),
  );
});

test("lane stream: short records share one of the lane", () => {
  const { lane, records } = memoryLane(8192, 100);
  const packer = new LanePacker(lane, new LaneBuffers());
  for (let n = 0; n < 70; n++) packer.add(new Uint8Array(100), 100);
  packer.flush();
  expect(records.map(({ length }) => length)).toEqual([70 * 104]);
});

test("lane stream: thousands that have little to say at once need no buffers for that; those that have more share what they need", () => {
  const buffers = new Counted();
  const lanes = Array.from({ length: 100 }, () => memoryLane(4096, 100));
  const packers = lanes.map(({ lane }) => new LanePacker(lane, buffers));
  for (const packer of packers) for (let n = 0; n < 4; n++) packer.add(new Uint8Array(100), 100);
  expect(buffers.taken).toBe(0);
  for (const packer of packers) packer.add(new Uint8Array(300), 300);
  expect(buffers.taken).toBe(100);
  const first = new Set<Uint8Array>();
  const { give } = buffers;
  buffers.give = (buffer) => {
    first.add(buffer);
    give.call(buffers, buffer);
  };
  for (const packer of packers) packer.flush();
  expect(buffers.taken).toBe(0);
  expect(lanes.map(({ records }) => records[0]?.length)).toEqual(lanes.map(() => 4 * 104 + 304));
  // So many and no more are kept: the next ones that are needed are among them.
  const again = Array.from({ length: first.size }, () => buffers.take(4096));
  expect(again.filter((buffer) => first.has(buffer))).toHaveLength(32);
  // For longer records there are longer ones.
  buffers.give(again[0] ?? new Uint8Array(0));
  expect(buffers.take(64 * 1024).length).toBeGreaterThan(64 * 1024);
});

test("lane stream: what is longer than any record may be is refused on the way out, and ends the way in", () => {
  const { lane } = memoryLane(8192, 100);
  const tooLong = expect.objectContaining({ code: "LANE_RECORD" });
  expect(() =>
    new LanePacker(lane, new LaneBuffers()).add(new Uint8Array(recordMax + 1), recordMax + 1),
  ).toThrow(tooLong);
  for (const header of [
    [1, 64, 0, 0],
    [0, 0, 0, 1],
    [255, 255, 255, 255],
  ]) {
    lane.write(Uint8Array.from(header), 4);
    const unpacker = new LaneUnpacker(lane, new LaneBuffers());
    expect(unpacker.waiting).toBe(true);
    expect(() => unpacker.read(new Uint8Array(recordMax))).toThrow(tooLong);
    // It stays so: there is something to look at.
    expect(unpacker.waiting).toBe(true);
  }
});
