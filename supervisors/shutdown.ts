import { refTo, sameRef, type ExitReason } from "../kernel/index.ts";
import type { CheckedSpec } from "./check-spec.ts";
import type { SupervisorSelf } from "./retry.ts";
import type { Incarnation, Task } from "./start-child.ts";
import { stoppedAsAsked } from "./strategy.ts";

/**
 * Stopping children: a monitor, the exit signal `shutdown`, the child's time, `kill`. A child that unlinked itself, or died
 * before, cannot hang it. Answers with how they ended if it was not as asked.
 *
 * Semantics: OTP `supervisor:shutdown/1`; many at once share one time-out (simple_one_for_one).
 */
export function* stopOne(
  self: SupervisorSelf,
  spec: CheckedSpec,
  child: Incarnation,
): Task<ExitReason | undefined> {
  const [reason] = yield* stopAll(self, spec, [child]);
  return reason;
}

/** Those ends that were not as asked, in order of dying. */
export function* stopAll(
  self: SupervisorSelf,
  spec: Pick<CheckedSpec, "shutdownMs" | "restart">,
  children: Iterable<Incarnation>,
): Task<ExitReason[]> {
  const { shutdownMs, restart } = spec;
  const brutally = shutdownMs === "brutal_kill";
  const waiting = new Map<number, Incarnation>();
  for (const child of children) waiting.set(self.monitor(refTo(child.address)), child);
  for (const child of waiting.values()) {
    if (brutally) kill(self, child);
    else self.exit(refTo(child.address), "shutdown");
  }
  const unexpected: ExitReason[] = [];
  let killAtMs = brutally ? Infinity : self.now() + shutdownMs;
  while (waiting.size > 0) {
    const leftMs = Math.max(0, killAtMs - self.now());
    const down = yield* self.receive({ down: ({ monitor }) => waiting.has(monitor) }, leftMs);
    if (down === undefined) {
      for (const child of waiting.values()) kill(self, child);
      killAtMs = Infinity;
      continue;
    }
    const child = waiting.get(down.monitor);
    if (child === undefined) continue;
    waiting.delete(down.monitor);
    const exited = yield* flushExit(self, child);
    const reason = exited ?? down.reason;
    abandon(self, child, reason);
    if (!stoppedAsAsked(restart, brutally, reason)) unexpected.push(reason);
  }
  return unexpected;
}

/** The exit signal of a child that has ended, if it came: it knows the reason even when the monitor came too late. */
function* flushExit(self: SupervisorSelf, { address }: Incarnation): Task<ExitReason | undefined> {
  const ref = refTo<never>(address);
  self.unlink(ref);
  const exited = yield* self.receive({ exit: ({ from }) => sameRef(from, ref) }, 0);
  return exited?.reason;
}

/**
 * A VM of another host is lost with the way to it: nobody knows whether it lives, and whether it has heard who its owner is. Its host,
 * if that can still be reached, ends it.
 */
export function abandon(self: SupervisorSelf, child: Incarnation | null, reason: ExitReason): void {
  if (reason === "noconnection" && child?.vm !== undefined && child.address.host !== "") kill(self, child);
}

function kill(self: SupervisorSelf, { address, vm }: Incarnation): void {
  if (vm === undefined) self.exit(refTo(address), "kill");
  // Nobody waits for the answer: the monitor tells.
  else void self.callWithin(Infinity, self.host, "kill", vm, address.host);
}
