/**
 * What a WebAssembly memory held, to be put into others: they share its pages, and each has a copy of its own of those that it writes to
 * (`mmap` with `MAP_PRIVATE`, by koffi). Owns an open file in memory without a name, which ends with its thread at the latest.
 */
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";
import { srcError } from "../../errors.ts";
import type { Koffi } from "../process/native.ts";

/** What of the C library maps pages. */
export interface PageCalls {
  readonly mmap: (
    address: Uint8Array,
    bytes: number,
    protection: number,
    flags: number,
    fd: number,
    offset: number,
  ) => void;
  readonly memfd: (name: string) => number;
}

const protReadWrite = 3;
const mapPrivate = 0x2;
const mapFixed = 0x10;
const mapAnonymous = 0x20;
const mapNoReserve = 0x4000;
const closeOnExec = 1;
/** `MAP_FAILED` */
const failed = 2n ** 64n - 1n;
/** A multiple of every system's page, and a divisor of WebAssembly's. */
const pageBytes = 4096;

/** Throws whatever koffi throws where there is no C library as on Linux. */
export function pageCallsBy(koffi: Koffi): PageCalls {
  const lib = koffi.load(null);
  const mmap = lib.func(
    "void *mmap(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset)",
  );
  const memfd = lib.func("int memfd_create(const char *name, unsigned int flags)");
  const errno = (): string =>
    Object.entries(koffi.os.errno).find(([, value]) => value === koffi.errno())?.[0] ?? String(koffi.errno());
  return {
    mmap(...given) {
      if (koffi.address(mmap(...given)) === failed)
        throw srcError("WASM_MEMORIES_EXHAUSTED", { why: `mmap: ${errno()}` });
    },
    memfd(name) {
      // Sound: the definition says so.
      const fd = memfd(name, closeOnExec) as number;
      if (fd < 0) throw new Error(`memfd_create: ${errno()}`);
      return fd;
    },
  };
}

export class MemoryImage {
  /** From the start of the memory to the last page that is not zero. */
  readonly bytes: number;
  private readonly calls: PageCalls;
  private readonly fd: number;

  constructor(calls: PageCalls, memory: ArrayBufferLike) {
    this.calls = calls;
    const pages = usedPages(memory);
    this.bytes = (pages.at(-1) ?? 0) + pageBytes;
    const made = calls.memfd("motes-image");
    try {
      ftruncateSync(made, this.bytes);
      for (const at of pages) writeSync(made, new Uint8Array(memory, at, pageBytes), 0, pageBytes, at);
      // Opened once more by Node, which closes what a thread has opened when it ends, however it ends.
      this.fd = openSync(`/proc/self/fd/${made}`, "r");
    } finally {
      closeSync(made);
    }
  }

  /** Whatever was there is gone. `memory` has `bytes` at least. */
  putInto(memory: ArrayBufferLike): void {
    const { calls, bytes, fd } = this;
    calls.mmap(new Uint8Array(memory, 0, bytes), bytes, protReadWrite, mapPrivate | mapFixed, fd, 0);
  }

  /** Memories that it was put into keep what they have. */
  close(): void {
    closeSync(this.fd);
  }
}

/** Gives back all that a memory holds: whoever still looks there finds zeros. */
export function emptied(calls: PageCalls, memory: ArrayBufferLike): void {
  const flags = mapPrivate | mapFixed | mapAnonymous | mapNoReserve;
  calls.mmap(new Uint8Array(memory), memory.byteLength, protReadWrite, flags, -1, 0);
}

/** Where pages that are not all zero begin. */
function usedPages(memory: ArrayBufferLike): readonly number[] {
  const words = new BigInt64Array(memory);
  const wordsPerPage = pageBytes / BigInt64Array.BYTES_PER_ELEMENT;
  const pages: number[] = [];
  for (let at = 0; at < memory.byteLength; at += pageBytes) {
    const first = at / BigInt64Array.BYTES_PER_ELEMENT;
    if (words.subarray(first, first + wordsPerPage).some((word) => word !== 0n)) pages.push(at);
  }
  return pages;
}
