/**
 * The few calls of the C library that memory of two processes needs and Node does not have, by koffi. Nothing else of motes
 * knows koffi, and a guest gets it from its starter: no program has a way to it.
 */
// Not from node:fs, which a guest may not have.
import { O_NOFOLLOW, O_NONBLOCK, O_RDWR } from "node:constants";

/** What is used of koffi. */
export type Koffi = Pick<typeof import("koffi"), "load" | "struct" | "view" | "address" | "errno" | "os">;

/** Memory that other processes see too. */
export interface Mapping {
  readonly buffer: ArrayBuffer;
  /** Lets go of it. Whoever still looks there finds zeros of its own, and no other memory. */
  close(): void;
}

export interface Native {
  /** A file that must be there, for reading and writing; never waits. The descriptor. */
  open(path: string): number;
  close(fd: number): void;
  /**
   * Makes an open file so many bytes long, from `offset` (default 0), and takes the room for them now: a file system that is full
   * refuses here, and kills nobody who writes there later.
   */
  reserve(fd: number, bytes: number, offset?: number): void;
  /** Bytes of an open file. */
  sizeOf(fd: number): number;
  /** From `offset` on, a multiple of the page's size. Default 0. */
  map(fd: number, bytes: number, offset?: number): Mapping;
  /** A first-in first-out pipe with a name, for this user only. */
  makeFifo(path: string): void;
}

const closeOnExec = 0o2000000;
const seekEnd = 2;
const protReadWrite = 3;
const mapShared = 0x1;
const mapPrivate = 0x2;
const mapFixed = 0x10;
const mapAnonymous = 0x20;
const ownerOnly = 0o600;
/** `MAP_FAILED` */
const failed = 2n ** 64n - 1n;

/** Binds the calls. Throws whatever koffi throws where there is no C library as on Linux. */
export function nativeBy(koffi: Koffi): Native {
  const lib = koffi.load(null);
  // Sound: the definitions beside say what comes in and out.
  const open = lib.func("int open(const char *path, int flags, int mode)") as Call<[string, number, number]>;
  const close = lib.func("int close(int fd)") as Call<[number]>;
  const lseek = lib.func("int64_t lseek(int fd, int64_t offset, int whence)") as Call<
    [number, number, number]
  >;
  const fallocate = lib.func("int posix_fallocate(int fd, int64_t offset, int64_t bytes)") as Call<
    [number, number, number]
  >;
  const mkfifo = lib.func("int mkfifo(const char *path, unsigned int mode)") as Call<[string, number]>;
  const munmap = lib.func("int munmap(void *address, size_t bytes)") as Call<[unknown, number]>;
  const mmap = lib.func(
    "void *mmap(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset)",
  ) as (...given: [unknown, number, number, number, number, number]) => unknown;
  const check = (result: number, call: string): number => {
    if (result < 0) throw systemError(koffi, call);
    return result;
  };
  // An address is given back when nothing can look there any more: a view of it that outlived `close` must not see what comes next.
  const unseen = new FinalizationRegistry(
    ({ address, bytes }: { readonly address: unknown; readonly bytes: number }) =>
      void munmap(address, bytes),
  );
  const flags = O_RDWR | O_NONBLOCK | O_NOFOLLOW | closeOnExec;
  return {
    open: (path) => check(open(path, flags, 0), `open ${path}`),
    close: (fd) => void check(close(fd), "close"),
    reserve(fd, bytes, offset = 0) {
      // It answers with the error's number instead of setting it.
      const errno = fallocate(fd, offset, bytes);
      if (errno !== 0) throw systemError(koffi, "posix_fallocate", errno);
    },
    sizeOf: (fd) => check(lseek(fd, 0, seekEnd), "lseek"),
    makeFifo: (path) => void check(mkfifo(path, ownerOnly), `mkfifo ${path}`),
    map(fd, bytes, offset = 0) {
      const address = mmap(null, bytes, protReadWrite, mapShared, fd, offset);
      if (koffi.address(address) === failed) throw systemError(koffi, "mmap");
      const buffer = koffi.view(address, bytes);
      unseen.register(buffer, { address, bytes });
      let closed = false;
      return {
        buffer,
        close() {
          if (closed) return;
          closed = true;
          mmap(address, bytes, protReadWrite, mapPrivate | mapFixed | mapAnonymous, -1, 0);
        },
      };
    },
  };
}

type Call<A extends readonly unknown[]> = (...given: A) => number;

function systemError(koffi: Koffi, call: string, errno: number = koffi.errno()): Error {
  const code = Object.entries(koffi.os.errno).find(([, value]) => value === errno)?.[0] ?? `errno ${errno}`;
  return Object.assign(new Error(`${call}: ${code}`), { code });
}
