/**
 * Memory that several processes see: a file below `/dev/shm`, mapped by each. Its creator makes it of one size, for this user
 * only; who attaches it says which size it must have. The file goes with its creator's `remove`; what is mapped stays until closed.
 */
import { closeSync, openSync, unlinkSync } from "node:fs";
import { srcError } from "../../errors.ts";
import type { Mapping, Native } from "./native.ts";

/** Makes the file, filled with zeros, and maps it. It must not be there yet. */
export function createRegion(native: Native, path: string, bytes: number): Mapping {
  const fd = openSync(path, "wx+", 0o600);
  try {
    native.reserve(fd, bytes);
    return native.map(fd, bytes);
  } catch (problem) {
    unlinkSync(path);
    throw problem;
  } finally {
    closeSync(fd);
  }
}

/**
 * Maps what another process has made: of that size, or whole. Throws `REGION_INVALID` if it is of another one: the end of a file ends a
 * process that looks beyond.
 */
export function attachRegion(native: Native, path: string, bytes?: number): Mapping {
  const fd = native.open(path);
  try {
    const got = native.sizeOf(fd);
    if (bytes !== undefined && got !== bytes) throw srcError("REGION_INVALID", { path, bytes, got });
    return native.map(fd, got);
  } finally {
    native.close(fd);
  }
}
