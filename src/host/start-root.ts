import { crashOf, isMotesError, type BootResult, type ExitReason } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import type { InitResult } from "../targets/init.ts";
import type { BootOutcome } from "./host-actor.ts";

/** A VM that has been made, and whose first actor is being asked to start its root. */
export interface NewVm {
  readonly vm: number;
  readonly name: string;
  readonly ended: Promise<ExitReason>;
  /** False if it ended before its loop had turned once: its program could not be loaded. */
  readonly loaded: boolean;
  kill(): void;
}

/**
 * From a new VM to one with a root, or to nothing: whatever goes wrong on the way, the VM is gone before its owner hears of it.
 * The same for every target and for the simulator. Never rejects.
 */
export async function startRoot(
  made: NewVm,
  request: { readonly entry: string | undefined; readonly bootTimeoutMs: number },
  askInit: () => PromiseLike<InitResult>,
): Promise<BootOutcome> {
  const { vm, name, ended } = made;
  try {
    const result = await askInit();
    if (result.type === "booted") return { vm, result, ended };
    made.kill();
    await ended;
    if (result.type !== "undeclared") return { vm, result, ended };
    const { message, code } = srcError("VM_UNDECLARED", {
      entry: request.entry ?? name,
      known: result.known,
    });
    return failed(vm, { type: "crash", name: "MotesError", code, message }, ended);
  } catch (problem) {
    // Lost, too late, or its arguments are no message: whatever it was, nothing of it stays.
    made.kill();
    const reason = await ended;
    if (isMotesError(problem, "CALL_EXIT"))
      return failed(vm, made.loaded ? reason : notLoaded(reason), ended);
    const told = isMotesError(problem, "CALL_TIMEOUT")
      ? srcError("VM_BOOT_TIMEOUT", { vm: name, timeoutMs: request.bootTimeoutMs })
      : problem;
    return failed(vm, crashOf(told), ended);
  }
}

const failed = (vm: number, reason: ExitReason, ended: Promise<ExitReason>): BootOutcome => ({
  vm,
  result: { type: "failed", reason } satisfies BootResult,
  ended,
});

/** A program that could not be loaded: its own error, unless it is one of ours. */
function notLoaded(reason: ExitReason): ExitReason {
  if (typeof reason !== "object" || reason.type !== "crash" || reason.name === "MotesError") return reason;
  return { ...reason, code: "IMAGE_THROWS" };
}

/** There was no room, or nobody to boot it for. */
export const neverMade = (reason: ExitReason): BootOutcome => failed(0, reason, Promise.resolve(reason));
