import { crashOf, isMotesError, type ExitReason, type Probe } from "../../kernel/index.ts";
import { supervisorError, type ReplaceErrorCode } from "../errors.ts";
import type { Task } from "../start-child.ts";
import type { Backend, Program } from "./backend.ts";
import type { Crew } from "./crew.ts";
import { missingIn } from "./difference.ts";
import { dismiss, drain, emptied, level } from "./dismiss.ts";
import type { Front } from "./front.ts";
import { recruit } from "./recruit.ts";
import type { StepLog } from "./step-log.ts";

/** Why a VM was not exchanged. */
export type Failure = Error & { readonly code: ReplaceErrorCode };

/**
 * One VM of a service in place of another. Up to the flip the old one serves, and whatever fails leaves it so: the new one is
 * ended, and what waited goes to the old one, in order. Nothing is passed on between the first word of the handoff and the flip.
 *
 * | what happens | until the state has left the old VM | after that, until the flip | after the flip |
 * | --- | --- | --- | --- |
 * | the new VM dies, throws, or is late | the old one serves on | the old one serves on | as any death: it is booted again |
 * | the old VM dies | as any death: the old program is booted again, its state is gone | the new one serves, with the state | nothing: it was to end |
 * | the old VM throws, or is late | it serves on | - | it is killed when its time is over |
 */
export function* exchange(
  front: Front,
  crew: Crew,
  old: Backend,
  program: Program,
  force: boolean,
  log: StepLog,
): Task<Backend | Failure> {
  const backend = yield* prepare(front, old, program, force, log);
  if (backend instanceof Error) return backend;
  if (handsOver(old, backend)) yield* level(front, old);
  // Until here it was like the others, and may be gone, or be about to go.
  const failure = front.route.backends.includes(old)
    ? yield* takeOver(front, old, backend, log)
    : lost(front, "ready", "noproc");
  if (failure === undefined) {
    backend.servesSinceMs = front.nowMs;
    yield* dismiss(front, old);
    log.mark("stopped", old.vm);
    return backend;
  }
  front.tasks.run(dismiss(front, backend));
  if (old.exchanging && old.gone) crew.lost(old);
  old.exchanging = false;
  return failure;
}

/** The new VM, ready and fit, while the old one serves. */
function* prepare(
  front: Front,
  { probe: old, place }: Backend,
  program: Program,
  force: boolean,
  log: StepLog,
): Task<Backend | Failure> {
  const service = front.name;
  const recruited = yield* recruit(front, program, place);
  if (!recruited.ok) return supervisorError("REPLACE_NOT_READY", { service, reason: recruited.reason });
  const { backend } = recruited;
  log.mark("ready", backend.vm);
  const { probe: fresh } = backend;
  const missing = force || fresh === undefined || old === undefined ? [] : missingIn(fresh, old);
  if (missing.length === 0) return backend;
  front.tasks.run(dismiss(front, backend));
  return supervisorError("REPLACE_INCOMPATIBLE", { service, missing });
}

/** A VM that has said how it hands its state over. */
type Handing = Backend & { readonly probe: Probe };

/** Whether state goes from one to the other. */
const handsOver = (old: Backend, fresh: Backend): old is Handing =>
  old.probe?.handsOff === true && fresh.probe?.adopts === true;

/** From the old VM to the new one. Undefined: the new one serves. */
function* takeOver(front: Front, old: Backend, backend: Backend, log: StepLog): Task<Failure | undefined> {
  const { route } = front;
  if (!handsOver(old, backend)) return yield* turnOver(front, old, backend, log);
  // From here on the crew does not see to its end.
  old.exchanging = true;
  const pausedAtMs = front.nowMs;
  route.hold();
  log.mark("paused", old.vm);
  try {
    const failure = yield* handOver(front, old, backend, log);
    if (failure !== undefined) return failure;
    if (!backend.isLive(front.cell)) return lost(front, "flipped", "noproc");
    route.exchange(old, backend);
    log.mark("flipped", backend.vm);
    return undefined;
  } finally {
    route.release();
    log.mark("flushed", 0, front.nowMs - pausedAtMs);
  }
}

/** No state goes over, and nothing has to wait: from now on messages go to the new one, while the old one ends what it has. */
function* turnOver(front: Front, old: Backend, fresh: Backend, log: StepLog): Task<Failure | undefined> {
  const { route, options } = front;
  if (!fresh.isLive(front.cell)) return lost(front, "flipped", "noproc");
  route.exchange(old, fresh);
  log.mark("flipped", fresh.vm);
  if ((yield* emptied(front, old, options.drainTimeoutMs)) || old.gone) {
    log.mark("drained", old.vm);
    return undefined;
  }
  route.exchange(fresh, old);
  // What it was given meanwhile it still does.
  yield* emptied(front, fresh, options.drainTimeoutMs);
  return late(front, "drained", options.drainTimeoutMs);
}

function* handOver(front: Front, old: Handing, fresh: Backend, log: StepLog): Task<Failure | undefined> {
  const { self, name: service } = front;
  const { drainTimeoutMs, handoffTimeoutMs } = front.options;
  if (!(yield* drain(front, old, drainTimeoutMs))) return late(front, "drained", drainTimeoutMs);
  if (old.gone) return lost(front, "drained", "noproc");
  log.mark("drained", old.vm);
  const untilMs = front.nowMs + handoffTimeoutMs;
  const leftMs = (): number => Math.max(0, untilMs - front.nowMs);
  let step: "handed_off" | "adopted" = "handed_off";
  try {
    for (let again = true; ; again = false) {
      step = "handed_off";
      const handed = yield* self.callWithin(leftMs(), old.ref, "$handoff", again);
      if (!handed.ok) return supervisorError("REPLACE_FAILED", { service, step, reason: handed.reason });
      if (handed.kind !== "chunk") log.mark("handed_off", old.vm);
      if (handed.kind === "end") break;
      step = "adopted";
      const { version } = old.probe;
      const adopted = yield* self.callWithin(leftMs(), fresh.ref, "$adopt", handed.data, version);
      if (!adopted.ok) return supervisorError("REPLACE_FAILED", { service, step, reason: adopted.reason });
      if (handed.kind === "whole") break;
    }
  } catch (thrown) {
    return failureOf(front, step, handoffTimeoutMs, thrown);
  }
  log.mark("adopted", fresh.vm);
  return undefined;
}

function failureOf(front: Front, step: string, timeoutMs: number, thrown: unknown): Failure {
  if (isMotesError(thrown, "CALL_TIMEOUT")) return late(front, step, timeoutMs);
  if (!isMotesError(thrown, "CALL_EXIT")) {
    const reason = crashOf(thrown);
    return supervisorError("REPLACE_FAILED", { service: front.name, step, reason });
  }
  // Sound: the kernel's table gives this code a reason.
  return lost(front, step, (thrown.details as { readonly reason: ExitReason }).reason);
}

const lost = ({ name: service }: Front, step: string, reason: ExitReason): Failure =>
  supervisorError("REPLACE_LOST", { service, step, reason });

const late = ({ name: service }: Front, step: string, timeoutMs: number): Failure =>
  supervisorError("REPLACE_TIMEOUT", { service, step, timeoutMs });
