import { isMotesError } from "../../kernel/index.ts";

/** A door's own answer. */
export interface Refusal {
  readonly status: number;
  /** One line that says why, and nothing of what is inside. */
  readonly text: string;
  /** When to try again; undefined: trying again does not help. */
  readonly retryAfterMs?: number;
}

/** What the client is told when the actor behind the door has not answered. */
export function refusalOf(problem: unknown): Refusal {
  if (!isMotesError(problem)) return { status: 502, text: "the service gave no valid answer" };
  const { code, details } = problem;
  if (code === "CALL_TIMEOUT") return late;
  if (code === "CALL_UNKNOWN_OP" || code.startsWith("MESSAGE_"))
    return { status: 502, text: `what is behind this door is no HTTP service (${code})` };
  const why = code === "CALL_REFUSED" ? (whyRefused(details) ?? code) : code;
  const text = `the service is not there at the moment: try again (${why})`;
  return { status: 503, text, retryAfterMs: retryAfterOf(details) };
}

export const late: Refusal = { status: 504, text: "the service did not answer in time" };

/** What a service says of itself, such as that it has no VM, rather than that it says so. */
function whyRefused(details: unknown): string | undefined {
  const { reason } = (details ?? {}) as { readonly reason?: unknown };
  const { code } = (reason ?? {}) as { readonly code?: unknown };
  return typeof code === "string" ? code : undefined;
}

/** A service that backs off says for how long. */
function retryAfterOf(details: unknown): number {
  const { retryAfterMs } = (details ?? {}) as { readonly retryAfterMs?: unknown };
  return typeof retryAfterMs === "number" && retryAfterMs > 0 ? retryAfterMs : 1000;
}
