import {
  addressOf,
  isMotesError,
  type BootResult,
  type ExitReason,
  type OtherHost,
} from "../../kernel/index.ts";
import type { Task } from "../start-child.ts";
import type { Program } from "./backend.ts";
import { bootVm, startReason } from "./boot.ts";
import type { Front } from "./front.ts";
import { askProvider, isOutOfRoom } from "./provider.ts";

/**
 * Where a VM goes for which its service's own host has no room: to one of the other hosts that the service may use, the one with the
 * fewest of its VMs first, or to wherever its provider finds. Undefined: nowhere. A program that does not start is tried on one only.
 */
export function* bootElsewhere(front: Front, program: Program): Task<BootResult | undefined> {
  // By name, since QuickJS does not compile a return from within `for (... of yield* ...)`.
  const names = (yield* others(front)).map(({ name }) => name);
  for (const [at, name] of names.entries()) {
    try {
      // One that is lost in this moment is not waited for while another is there.
      const host = [name, ...names.slice(at + 1), ...names.slice(0, at)];
      const { ref, vm, probe } = yield* bootVm(front, program, host);
      return { type: "booted", vm, root: ref, probe };
    } catch (thrown) {
      if (!isMotesError(thrown)) throw thrown;
      const reason = startReason(thrown);
      if (!isTheHosts(reason)) return { type: "failed", reason };
    }
  }
  const found = yield* askProvider(front, { ...program.options, entry: program.entry, args: front.args });
  // Else it has found no room, however it says so.
  return found?.type === "booted" ? found : undefined;
}

/** What has to do with a host, and not with the program: it has no room either, is lost, or will not. Another one may. */
const isTheHosts = (reason: ExitReason): boolean =>
  reason === "noconnection" ||
  reason === "noproc" ||
  isOutOfRoom(reason) ||
  (typeof reason === "object" && reason.type === "crash" && hostCodes.includes(reason.code ?? ""));

const hostCodes: readonly string[] = [
  "HOST_UNREACHABLE",
  "HOST_NO_BOOTS",
  "DEVICE_NOT_GRANTED",
  "TARGET_WEAKER",
  "TARGET_UNAVAILABLE",
  "UNKNOWN_TARGET",
];

function* others({ self, options, known }: Front): Task<readonly OtherHost[]> {
  const { elsewhere } = options;
  if (elsewhere === "nowhere") return [];
  const joined = yield* self.call(self.host, "hosts");
  const vmsOn = (host: string): number =>
    [...known.values()].filter(({ ref }) => addressOf(ref).host === host).length;
  return joined
    .filter(({ name }) => elsewhere === "any" || elsewhere.includes(name))
    .map((host) => ({ host, vms: vmsOn(host.host) }))
    .sort((a, b) => a.vms - b.vms)
    .map(({ host }) => host);
}
