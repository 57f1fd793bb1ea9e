import {
  addressOf,
  isMotesError,
  type BootResult,
  type OtherHost,
  type Unikernel,
} from "../../kernel/index.ts";
import type { Task } from "../start-child.ts";
import type { Program } from "./backend.ts";
import type { Front } from "./front.ts";
import { askProvider } from "./provider.ts";

/**
 * Where a VM goes for which its service's own host has no room: to one of the other hosts that the service may use, the one with the
 * fewest of its VMs first, or to wherever its provider finds. Undefined: nowhere.
 */
export function* bootElsewhere(front: Front, program: Program): Task<BootResult | undefined> {
  const { self, args } = front;
  // By name, since QuickJS does not compile a return from within `for (... of yield* ...)`.
  const names = (yield* others(front)).map(({ name }) => name);
  for (const [at, name] of names.entries()) {
    try {
      // One that is lost in this moment is not waited for while another is there.
      const host = [name, ...names.slice(at + 1), ...names.slice(0, at)];
      // Sound: `service` typed the arguments by the unikernel of this name.
      const unikernel = { name: program.entry, options: {} } as Unikernel<readonly unknown[], never>;
      const { ref, vm } = yield* self.boot(unikernel, args, { ...program.options, host });
      return { type: "booted", vm, root: ref };
    } catch (thrown) {
      // It has no room either, or will not, or is lost: the next one may.
      if (!isMotesError(thrown)) throw thrown;
    }
  }
  return yield* askProvider(front, { ...program.options, entry: program.entry, args });
}

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
