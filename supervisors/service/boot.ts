import { crashOf, isMotesError, type Booted, type ExitReason, type Unikernel } from "../../kernel/index.ts";
import type { Task } from "../start-child.ts";
import type { Program } from "./backend.ts";
import type { Front } from "./front.ts";

/** A VM with what a service runs, on the first of those hosts that is joined, else on its own. Throws what a boot throws. */
export function* bootVm(
  { self, args }: Front,
  { entry, options }: Program,
  host?: readonly string[],
): Task<Booted<never>> {
  // Sound: `service` typed the arguments by the unikernel of this name.
  const unikernel = { name: entry, options: {} } as Unikernel<readonly unknown[], never>;
  const where = host === undefined ? {} : { host };
  const request = { ...options, ...where, probe: true };
  return yield* self.boot(unikernel, args, request);
}

/** Why a boot threw. */
export function startReason(thrown: unknown): ExitReason {
  if (isMotesError(thrown, "START_IGNORED")) return "ignore";
  if (!isMotesError(thrown, "START_FAILED")) return crashOf(thrown);
  // Sound: the kernel's table gives this code a reason.
  return (thrown.details as { readonly reason: ExitReason }).reason;
}
