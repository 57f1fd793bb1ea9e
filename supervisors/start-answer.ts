import { refTo, type Ref } from "../kernel/index.ts";
import type { ChildStarted, StartFailed } from "./protocol.ts";
import type { Outcome } from "./start-child.ts";

/** What `startChild` and `restartChild` answer. The stable address is given even if nobody is behind it (`ignore`). */
export function answerOf(ref: Ref<never>, outcome: Outcome): ChildStarted<never> | StartFailed {
  if (outcome.type === "failed") return { ok: false, error: "start_failed", reason: outcome.reason };
  if (outcome.type === "ignored") return { ok: true, ref, incarnation: undefined, info: {} };
  return { ok: true, ref, incarnation: refTo(outcome.incarnation.address), info: outcome.info };
}
