/**
 * How the memory is laid out that one hardware VM and its host both see: the board, rings, the boot line, and the image that the VM is to run.
 * The same on both sides. It is sparse: only what is used takes room.
 */
import { ringPairBytes } from "../../../transports/index.ts";

const pageBytes = 4096;
const pages = (bytes: number): number => Math.ceil(bytes / pageBytes) * pageBytes;

/** A power of two, as a PCI device's memory has to be. */
export const regionBytes: number = 256 * 2 ** 20;
export const boardOffset = 0;
export const boardBytes = pageBytes;
/** The image, up to the end. */
export const imageOffset: number = regionBytes - 32 * 2 ** 20;
/** The boot line, up to the image. */
export const bootOffset: number = imageOffset - 2 ** 20;

const slotBytes = pages(ringPairBytes());
/** Rings that one VM may have at a time. */
export const ringsMax: number = Math.floor((bootOffset - boardBytes) / slotBytes);

/** Where a ring begins. The first one leads to the host's own VM. */
export const ringOffset = (slot: number): number => boardBytes + slot * slotBytes;

/** A piece of it, at the beginning of a page. */
export interface Extent {
  readonly offset: number;
  readonly bytes: number;
}

/** What a blank machine runs. */
export interface ImageExtents {
  readonly code: Extent;
  /** V8's compiled form of it. */
  readonly cached: Extent;
  /** The text of what holds a program to its devices. */
  readonly guard: Extent;
}

export function imageExtents(codeBytes: number, cachedBytes: number, guardBytes: number): ImageExtents {
  const code = { offset: imageOffset, bytes: codeBytes };
  const cached = { offset: code.offset + pages(codeBytes), bytes: cachedBytes };
  return { code, cached, guard: { offset: cached.offset + pages(cachedBytes), bytes: guardBytes } };
}
