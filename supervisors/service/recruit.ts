import { crashOf, isMotesError, type BootResult, type ExitReason, type Probe } from "../../kernel/index.ts";
import { supervisorError } from "../errors.ts";
import type { Task } from "../start-child.ts";
import { Backend, type Program } from "./backend.ts";
import { bootVm, startReason } from "./boot.ts";
import { dismiss } from "./dismiss.ts";
import { bootElsewhere } from "./elsewhere.ts";
import type { Front } from "./front.ts";
import { isOutOfRoom } from "./provider.ts";

export type Recruited =
  | { readonly ok: true; readonly backend: Backend }
  | { readonly ok: false; readonly reason: ExitReason };

/**
 * A new VM for a service: booted, and asked for its health until it says that it is well. It serves nobody yet. Never throws;
 * of one that did not come so far nothing is left.
 */
export function* recruit(front: Front, program: Program, place: number): Task<Recruited> {
  let backend: Backend;
  let first: Probe | undefined;
  try {
    const { ref, vm, probe } = yield* bootVm(front, program);
    first = probe;
    backend = new Backend(program, ref, vm, place);
  } catch (thrown) {
    const reason = startReason(thrown);
    const booted = isOutOfRoom(reason) ? yield* bootElsewhere(front, program) : undefined;
    if (booted?.type !== "booted") return { ok: false, reason: reasonOf(booted) ?? reason };
    front.events.tell("out_of_room", { reason });
    first = booted.probe;
    backend = new Backend(program, booted.root, booted.vm, place);
  }
  front.known.set(backend.key, backend);
  if (!front.options.answersProbes) return { ok: true, backend };
  try {
    backend.probe = yield* untilWell(front, backend, first);
    return { ok: true, backend };
  } catch (thrown) {
    front.tasks.run(dismiss(front, backend));
    return { ok: false, reason: crashOf(thrown) };
  }
}

/** `first`: what it has said already. Throws `SERVICE_UNWELL`, and what a call throws. */
function* untilWell(front: Front, { ref }: Backend, first: Probe | undefined): Task<Probe> {
  const { self, options } = front;
  const { healthEveryMs, healthTimeoutMs } = options;
  const untilMs = front.nowMs + healthTimeoutMs;
  let why = "no answer";
  for (let leftMs = healthTimeoutMs; leftMs > 0; leftMs = untilMs - front.nowMs) {
    try {
      const probe: Probe = first ?? (yield* self.callWithin(leftMs, ref, "$probe"));
      first = undefined;
      if (probe.unwell === undefined) return probe;
      why = probe.unwell;
    } catch (thrown) {
      if (!isMotesError(thrown, "CALL_TIMEOUT")) throw thrown;
    }
    yield* self.sleep(Math.min(healthEveryMs, Math.max(0, untilMs - front.nowMs)));
  }
  throw supervisorError("SERVICE_UNWELL", { service: front.name, timeoutMs: healthTimeoutMs, why });
}

/** Why a program did not start where there was room for it. */
const reasonOf = (
  result: Exclude<BootResult, { readonly type: "booted" }> | undefined,
): ExitReason | undefined => (result?.type === "ignored" ? "ignore" : result?.reason);
