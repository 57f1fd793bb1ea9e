import { constants, closeSync, openSync, writeSync } from "node:fs";
import { assert } from "../../../kernel/index.ts";
import { createRingPair, ringPairBytes } from "../../../transports/index.ts";
import { Board } from "../board.ts";
import type { LoadedNative } from "../process/load-native.ts";
import type { Mapping, Native } from "../process/native.ts";
import { shmRoot } from "../process/shm-folder.ts";
import type { MappedRing, RingMemory } from "../ring-line.ts";
import type { Commons } from "../target.ts";
import {
  boardBytes,
  boardOffset,
  bootOffset,
  type Extent,
  imageExtents,
  type ImageExtents,
  imageOffset,
  regionBytes,
  ringOffset,
  ringsMax,
} from "./region.ts";
import { type BellWire, SerialBell } from "./serial-bell.ts";

/** A file that has no name, and is gone with the last who has it open: so nothing of it is ever left. */
const withoutName = 0o20200000;

/**
 * What the host shares with one hardware VM: memory that is a device inside it. Place 0 on its board is the host's, place 1 the
 * VM's. All of it goes with `close`, or with the processes that have it open, however they end.
 */
export class RegionCommons implements Commons {
  readonly board: Board;
  /** Until there is a machine, nobody is there to be woken: it looks before it first sleeps. */
  readonly wire: BellWire = { ring: () => {}, onRing: () => {} };
  readonly fd: number;
  private readonly native: Native;
  private readonly boardMapping: Mapping;
  /** The longest unused one is next: the guest may hear late that an old ring is none any more. */
  private readonly free: number[] = Array.from({ length: ringsMax }, (_, index) => index);
  private readonly used = new Map<RingMemory, number>();

  constructor({ native }: LoadedNative) {
    this.native = native;
    this.fd = openSync(shmRoot, constants.O_RDWR | withoutName, 0o600);
    try {
      native.reserve(this.fd, 1, regionBytes - 1);
      native.reserve(this.fd, boardBytes, boardOffset);
      this.boardMapping = native.map(this.fd, boardBytes, boardOffset);
    } catch (problem) {
      closeSync(this.fd);
      throw problem;
    }
    this.board = new Board(
      this.boardMapping.buffer,
      (words, index) => new SerialBell(words, index, this.wire),
    );
  }

  /** Throws if there is no room for one, here or on the machine. */
  ring(capacityBytes?: number): MappedRing {
    const bytes = ringPairBytes(capacityBytes);
    assert(bytes <= ringPairBytes(), "no ring of a hardware VM is larger than the usual one");
    const slot = this.free.shift();
    if (slot === undefined) throw new Error(`a hardware VM has no more than ${ringsMax} rings`);
    const offset = ringOffset(slot);
    try {
      this.native.reserve(this.fd, bytes, offset);
      const mapping = this.native.map(this.fd, bytes, offset);
      // What an earlier one has left there.
      new Uint8Array(mapping.buffer).fill(0);
      createRingPair(mapping.buffer, capacityBytes === undefined ? {} : { capacityBytes });
      const ring = { path: "", offset, ...mapping };
      this.used.set(ring, slot);
      return ring;
    } catch (problem) {
      this.free.push(slot);
      throw problem;
    }
  }

  release(ring: RingMemory): void {
    const slot = this.used.get(ring);
    if (slot === undefined) return;
    this.used.delete(ring);
    this.free.push(slot);
    // Sound: `ring` has made it.
    (ring as MappedRing & Mapping).close();
  }

  /** Where the guest finds it. Throws if there is no room for it. */
  image(code: Uint8Array, cached: Uint8Array, guard: Uint8Array): ImageExtents {
    const extents = imageExtents(code.length, cached.length, guard.length);
    if (extents.guard.offset + guard.length > regionBytes)
      throw new Error(`an image of ${code.length} bytes is too large for a hardware VM`);
    writeWhole(this.fd, code, extents.code.offset);
    writeWhole(this.fd, cached, extents.cached.offset);
    writeWhole(this.fd, guard, extents.guard.offset);
    return extents;
  }

  /** What a blank machine is told first. Where the guest finds it; throws if there is no room for it. */
  boot(line: string): Extent {
    const bytes = Buffer.from(line);
    if (bytes.length > imageOffset - bootOffset)
      throw new Error(`a boot line of ${bytes.length} bytes is too large for a hardware VM`);
    writeWhole(this.fd, bytes, bootOffset);
    return { offset: bootOffset, bytes: bytes.length };
  }

  close(): void {
    this.boardMapping.close();
    for (const ring of this.used.keys()) this.release(ring);
    closeSync(this.fd);
  }
}

function writeWhole(fd: number, bytes: Uint8Array, offset: number): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at, offset + at);
}
