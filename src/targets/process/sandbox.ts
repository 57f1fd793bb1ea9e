/**
 * What the Linux kernel takes away from a child before any code of its image runs, and never gives back: files beside the host's
 * folder (Landlock), sockets and new programs (seccomp), memory beyond a limit. Node's permission model and the refusals in
 * `confine` are in front of it, and say no by name; this holds also where they are got round, and for native code.
 */
import { existsSync } from "node:fs";
import type { Device } from "../../../kernel/index.ts";
import type { Koffi } from "./native.ts";
import { refusedCalls, seccompCall, seccompFilter } from "./seccomp-filter.ts";

/** Beside the heap: V8's young generation and code, threads' stacks, buffers. */
const besideHeapMb = 192;

/** As a starter gets it: plain data. */
export interface Sandbox {
  /** Private memory in all. */
  readonly dataMb: number;
  /** Instructions for the kernel's filter of system calls; none where the machine's calls are not known here. */
  readonly filter: readonly number[];
  readonly seccompCall: number;
  /** Paths with the rights below them, in Landlock's bits. */
  readonly paths: readonly (readonly [path: string, rights: number])[];
}

const execute = 1;
const writeFile = 2;
const readFile = 4;

/** What resolving a host's name reads. */
const resolver: readonly string[] =
  `/etc/resolv.conf /etc/hosts /etc/nsswitch.conf /etc/host.conf /etc/gai.conf /etc/services /run/systemd/resolve /lib /lib64 /usr/lib
   /usr/lib64`.split(/\s+/);

/** Undefined: processes that it may start would be held too, and could do nothing. */
export function sandboxOf(
  memoryMb: number,
  devices: readonly Device[] | undefined,
  folder: string,
): Sandbox | undefined {
  if (devices?.includes("spawn") === true) return undefined;
  const has = (device: Device): boolean => devices?.includes(device) !== false;
  const names = has("connect") || has("listen") ? resolver.filter((path) => existsSync(path)) : [];
  return {
    dataMb: Math.ceil(memoryMb) + besideHeapMb,
    filter: seccompFilter(process.arch, refusedCalls(has("listen"), has("connect"))),
    seccompCall: seccompCall(process.arch),
    paths: [[folder, readFile | writeFile], ...names.map((path) => [path, readFile | execute] as const)],
  };
}

/**
 * Handed over as text, so it uses nothing from outside itself. What the kernel of this machine does not have: those promises are Node's
 * alone then.
 */
function enterSandbox(koffi: Koffi, sandbox: Sandbox): readonly string[] {
  const { dataMb, filter, seccompCall: setFilter, paths } = sandbox;
  const lib = koffi.load(null);
  // Sound, all of them: the definition beside says what goes in and out.
  const setrlimit = lib.func("int setrlimit(int resource, void *limit)") as (r: number, l: object) => number;
  const prctl = lib.func(
    "int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)",
  ) as (...given: readonly number[]) => number;
  const open = lib.func("int open(const char *path, int flags)") as (path: string, flags: number) => number;
  const create = lib.func("long syscall(long call, void *attributes, size_t bytes, unsigned int flags)") as (
    call: number,
    attributes: object | null,
    bytes: number,
    flags: number,
  ) => number;
  const add = lib.func("long syscall(long call, int ruleset, int kind, void *rule, unsigned int flags)") as (
    call: number,
    ruleset: number,
    kind: number,
    rule: object,
    flags: number,
  ) => number;
  const restrict = lib.func("long syscall(long call, int ruleset, unsigned int flags)") as (
    call: number,
    ruleset: number,
    flags: number,
  ) => number;
  const lacking: string[] = [];
  // What is read at the first use of the local time, which would be too late.
  new Date().getTimezoneOffset();

  const [rlimitData, rlimitCore] = [2, 4];
  if (setrlimit(rlimitData, new BigUint64Array(2).fill(BigInt(dataMb) << 20n)) !== 0)
    lacking.push("memory limit");
  setrlimit(rlimitCore, new BigUint64Array(2));
  const noNewPrivileges = 38;
  prctl(noNewPrivileges, 1, 0, 0, 0);

  const [createRuleset, addRule, restrictSelf] = [444, 445, 446];
  const version = create(createRuleset, null, 0, 1);
  if (version >= 1) {
    const handled = version === 1 ? 0x1fffn : version === 2 ? 0x3fffn : 0x7fffn;
    const ruleset = create(createRuleset, BigUint64Array.of(handled), 8, 0);
    for (const [path, rights] of paths) {
      const onlyAPath = 0o12000000;
      const rule = new DataView(new ArrayBuffer(12));
      rule.setBigUint64(0, BigInt(rights), true);
      rule.setInt32(8, open(path, onlyAPath), true);
      add(addRule, ruleset, 1, new Uint8Array(rule.buffer), 0);
    }
    if (restrict(restrictSelf, ruleset, 0) !== 0) lacking.push("Landlock");
  } else lacking.push("Landlock");

  const length = filter.length / 8;
  koffi.struct("MotesFilter", { length: "uint16_t", program: "void *" });
  const seccomp = lib.func(
    "long syscall(long call, unsigned long operation, unsigned long flags, MotesFilter *filter)",
  ) as (call: number, operation: number, flags: number, filter: object) => number;
  const [setModeFilter, allThreads] = [1, 1];
  if (
    length === 0 ||
    seccomp(setFilter, setModeFilter, allThreads, { length, program: Uint8Array.from(filter) }) !== 0
  )
    lacking.push("seccomp");
  return lacking;
}

/** An expression: the function. */
export const enterSandboxText = `(() => { "use strict"; return ${enterSandbox.toString()}; })()`;
