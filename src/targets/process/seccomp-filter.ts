/**
 * A program for Linux's filter of system calls (classic BPF, as `seccomp(2)` takes it): the calls of a list answer `EACCES`, all
 * others go through. `io_uring` is on every list, since what it does is not seen by a filter.
 */

/** System calls by number: x86-64, arm64. */
const calls = {
  socket: [41, 198],
  connect: [42, 203],
  bind: [49, 200],
  listen: [50, 201],
  accept: [43, 202],
  accept4: [288, 242],
  execve: [59, 221],
  execveat: [322, 281],
  ptrace: [101, 117],
  process_vm_readv: [310, 270],
  process_vm_writev: [311, 271],
  kill: [62, 129],
  pidfd_open: [434, 434],
  pidfd_send_signal: [424, 424],
  io_uring_setup: [425, 425],
  bpf: [321, 280],
  userfaultfd: [323, 282],
  perf_event_open: [298, 241],
  mount: [165, 40],
  unshare: [272, 97],
  setns: [308, 268],
  keyctl: [250, 219],
  add_key: [248, 217],
} as const satisfies Readonly<Record<string, readonly [number, number]>>;

export type SystemCall = keyof typeof calls;

const network: readonly SystemCall[] = ["socket", "connect", "bind", "listen", "accept", "accept4"];

/** What no VM may, and what these devices do not cover. Both need `socket`; an outgoing connection may bind as well. */
export function refusedCalls(listen: boolean, connect: boolean): readonly SystemCall[] {
  return (Object.keys(calls) as SystemCall[]).filter((call) => {
    if (!network.includes(call)) return true;
    if (call === "connect") return !connect;
    return call === "socket" || call === "bind" ? !listen && !connect : !listen;
  });
}

/** `AUDIT_ARCH_*`, and which of a call's numbers. */
const machines: Readonly<Record<string, readonly [audit: number, column: 0 | 1]>> = {
  x64: [0xc000003e, 0],
  arm64: [0xc00000b7, 1],
};

/** The number of the call that sets a filter, 0 for a machine that is not known here. */
export const seccompCall = (arch: string): number => ({ x64: 317, arm64: 277 })[arch] ?? 0;

const load = 0x20;
const jumpIfEqual = 0x15;
const jumpIfAtLeast = 0x35;
const answer = 0x06;
const numberAt = 0;
const machineAt = 4;
const allow = 0x7fff0000;
/** `SECCOMP_RET_ERRNO` with `EACCES`. */
const refuse = 0x0005000d;
/** Where x86-64 has the same calls once more, for its 32-bit pointers. */
const x32 = 0x40000000;

/** Bytes of its instructions. Empty for a machine that is not known here. */
export function seccompFilter(arch: string, refused: readonly SystemCall[]): readonly number[] {
  const machine = machines[arch];
  if (machine === undefined) return [];
  const [audit, column] = machine;
  const numbers = refused.map((call) => calls[call][column]);
  const toRefusal = (from: number): number => numbers.length + 4 - from;
  const program: readonly (readonly [code: number, ifTrue: number, ifFalse: number, value: number])[] = [
    [load, 0, 0, machineAt],
    [jumpIfEqual, 0, toRefusal(1), audit],
    [load, 0, 0, numberAt],
    [jumpIfAtLeast, toRefusal(3), 0, x32],
    ...numbers.map((number, n) => [jumpIfEqual, toRefusal(n + 4), 0, number] as const),
    [answer, 0, 0, allow],
    [answer, 0, 0, refuse],
  ];
  const bytes = new DataView(new ArrayBuffer(8 * program.length));
  for (const [n, [code, ifTrue, ifFalse, value]] of program.entries()) {
    bytes.setUint16(8 * n, code, true);
    bytes.setUint8(8 * n + 2, ifTrue);
    bytes.setUint8(8 * n + 3, ifFalse);
    bytes.setUint32(8 * n + 4, value, true);
  }
  return [...new Uint8Array(bytes.buffer)];
}
