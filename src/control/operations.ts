import { addressOf, type ExitReason, reasonText } from "../../kernel/index.ts";
import type { HostInfo } from "../cluster/join-options.ts";
import { srcError } from "../errors.ts";
import type { Host } from "../host/host.ts";
import type { RunningVm } from "../host/host-options.ts";
import type { VmInfo } from "../host/hosted.ts";
import { isOrderly } from "../../kernel/index.ts";
import { imageAt } from "./image-at.ts";
import type { Operation } from "./server.ts";
import { type ReplaceOrder, Services } from "./services.ts";

/** Who a host is, for people. */
export interface HostAbout {
  readonly name: string;
  readonly pid: number;
  /** ms since 1970. */
  readonly startedAtMs: number;
  readonly vms: number;
  /** The cloud that it takes part in, if it does. */
  readonly cloud?: string;
  /** Those that it is joined with. */
  readonly joined: readonly HostInfo[];
}

/** A program to be booted. */
export interface RunOrder {
  /** A sealed image, or a program's source; an absolute path. */
  readonly file: string;
  readonly keys: Readonly<Record<string, string>>;
  readonly target?: string;
  readonly vmsMax?: number;
  /** The name of another host that is to boot it. Default: the one that is asked. */
  readonly host?: string;
}

/** Where it was booted. */
export interface RunStarted {
  readonly run: number;
  /** As in its addresses: "" is the host that was asked. */
  readonly host: string;
  readonly vm: number;
}

export interface RunEnded {
  readonly reason: string;
  readonly orderly: boolean;
}

/** What a host can be asked from outside, by its own user, and by people at other hosts where it lets them. */
export const sharedOperations = (
  host: Host,
  name: string,
  cloud?: string,
): Readonly<Record<string, Operation>> => {
  const startedAtMs = Date.now();
  const services = new Services(host);
  return {
    about: (): HostAbout => ({
      name,
      pid: process.pid,
      startedAtMs,
      vms: host.running.length,
      ...(cloud === undefined ? {} : { cloud }),
      joined: host.neighbours,
    }),
    ps: () => host.running,
    services: () => services.list(),
    // Sound: `motes replace` asks for no other; the digest is that of an image that came along.
    replace: (order, digest) => services.replace(order as ReplaceOrder, digest as string | undefined),
    /** Answers with the VM that it kills. Throws `VM_UNKNOWN`. */
    kill: (vm) => {
      const one = oneVm(host, vm);
      host.kill(one.vm);
      return one;
    },
    /** Answers with what `followed` is asked with. Throws `VM_UNKNOWN`, `TOO_MANY_FOLLOWERS`. */
    follow: (vm) => host.follow(typeof vm === "number" ? vm : oneVm(host, vm).vm),
    // Sound: it is asked with what `follow` has answered.
    followed: (follower) => host.followed(follower as number),
  };
};

/** By its number or name. Throws `VM_UNKNOWN`. */
function oneVm({ running }: Host, vm: unknown): VmInfo {
  const found = running.filter((each) => each.vm === vm || each.name === vm);
  const [one] = found;
  if (one !== undefined && found.length === 1) return one;
  throw srcError("VM_UNKNOWN", {
    vm: String(vm),
    known: running.map((each) => `${each.vm} (${each.name})`),
  });
}

/** What one host can be asked by its own user, on its own machine. */
export const hostOperations = (
  host: Host,
  name: string,
  cloud?: string,
): Readonly<Record<string, Operation>> => {
  const runs = new Map<number, RunningVm>();
  let started = 0;
  return {
    ...sharedOperations(host, name, cloud),
    // Sound, all below: the commands of this package ask for no other.
    elsewhere: async (at, op, args) => {
      const given = args as readonly unknown[];
      const image = op === "replace" ? await imageAt((given[0] as ReplaceOrder).file, {}) : undefined;
      return host.operate(at as string, op as string, given, image);
    },
    run: async (order): Promise<RunStarted> => {
      const { file, keys, ...options } = order as RunOrder;
      const vm = await host.boot(await imageAt(file, keys), options);
      const run = ++started;
      runs.set(run, vm);
      return { run, host: addressOf(vm.root).host, vm: vm.vm };
    },
    /** Answers when it has ended. */
    wait: async (run): Promise<RunEnded> => told(await runs.get(run as number)?.ended),
    stop: async (run): Promise<RunEnded> => told(await runs.get(run as number)?.stop()),
  };
};

const told = (reason: ExitReason = "noproc"): RunEnded => ({
  reason: reasonText(reason),
  orderly: isOrderly(reason),
});
