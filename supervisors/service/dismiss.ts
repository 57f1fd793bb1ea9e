import type { ExitReason } from "../../kernel/index.ts";
import type { Task } from "../start-child.ts";
import type { Backend } from "./backend.ts";
import type { Front } from "./front.ts";

/** True once all calls it was given are answered, or it is gone; false: the time was over. */
export function* drain(front: Front, backend: Backend, timeoutMs: number): Task<boolean> {
  const untilMs = front.nowMs + timeoutMs;
  while (backend.outstanding > 0 && !backend.gone) {
    const leftMs = untilMs - front.nowMs;
    if (leftMs <= 0) return false;
    yield* backend.change(front.cell, leftMs);
  }
  return true;
}

/** Rounds in which a VM may come level before what it is given is stopped anyway, and a round trip that shows that it is, in ms. */
const levelRoundsMax = 4;
const levelMs = 2;

/**
 * Until a VM that goes on serving has nearly done what it was given, so that it has little left when that is stopped: each round
 * waits for what stood before it, and the next has to wait only for what came meanwhile. One that never comes level is not waited for.
 */
export function* level({ self, nowMs, options }: Front, { ref }: Backend): Task<void> {
  const untilMs = nowMs + options.drainTimeoutMs;
  let beganMs = nowMs;
  for (let round = 0; round < levelRoundsMax; round++) {
    try {
      yield* self.callWithin(Math.max(1, untilMs - beganMs), ref, "$probe");
    } catch {
      return;
    }
    const endedMs = self.now();
    if (endedMs - beganMs <= levelMs) return;
    beganMs = endedMs;
  }
}

/** Until it has taken all that was passed on to it, messages that nobody answers too. False: the time was over, or it is gone. */
export function* emptied(front: Front, backend: Backend, timeoutMs: number): Task<boolean> {
  const untilMs = front.nowMs + timeoutMs;
  if (!(yield* drain(front, backend, timeoutMs))) return false;
  if (backend.gone || !front.options.answersProbes) return !backend.gone;
  try {
    // It stands behind them in the mailbox.
    yield* front.self.callWithin(Math.max(1, untilMs - front.nowMs), backend.ref, "$probe");
    return true;
  } catch {
    return false;
  }
}

/** Ends a VM: it is asked, has its time, and is killed. Nothing is passed on to it any more. */
export function* dismiss(front: Front, backend: Backend): Task<void> {
  const { self, cell, options } = front;
  const startedAtMs = front.nowMs;
  backend.asked = true;
  if (backend.gone) return;
  self.exit(backend.ref, "shutdown");
  const untilMs = startedAtMs + options.shutdownMs;
  while (!backend.gone && front.nowMs < untilMs) yield* backend.change(cell, untilMs - front.nowMs);
  if (!backend.gone) kill(front, backend);
  while (!backend.gone) yield* backend.change(cell, Infinity);
  front.events.tell("stopped", { vm: backend.vm, durationMs: front.nowMs - startedAtMs });
}

/** Lost with the way to its host, or that to its VM alone: then it may live, and its host ends it. */
export function abandon(front: Front, backend: Backend, reason: ExitReason): void {
  if (reason === "noconnection" && backend.address.host !== "") kill(front, backend);
}

function kill({ self }: Front, { ref, vm, address: { host } }: Backend): void {
  // One that a provider has booted its host may not kill for this one.
  if (host !== "") self.exit(ref, "kill");
  void self.callWithin(Infinity, self.host, "kill", vm, host);
}
