import { reasonText, type Crash, type ExitReason } from "../../kernel/index.ts";

/** Errors that the engine words, in other words with each version. */
const engines: readonly string[] = ["TypeError", "RangeError", "ReferenceError", "SyntaxError", "URIError"];

export function isEngineError(reason: ExitReason): boolean {
  return typeof reason === "object" && reason.type === "crash" && engines.includes(reason.name);
}

/** A reason in one line that is the same on every machine. */
export function shown(reason: ExitReason): string {
  if (typeof reason === "string") return reason;
  if (reason.type === "crash" && isEngineError(reason)) return reason.name;
  if (reason.type === "shutdown") return `shutdown: ${JSON.stringify(reason.detail, plain)}`;
  return reasonText(reason).split("\n", 1)[0] ?? "";
}

/** Of a reason within a reason, only what is the same on every machine. */
function plain(key: string, value: unknown): unknown {
  if (key === "stack") return undefined;
  if (typeof value !== "object" || value === null || !("type" in value) || value.type !== "crash")
    return value;
  // Sound: this is how a crash looks, and nothing else here does.
  return isEngineError(value as ExitReason) ? (value as Crash).name : value;
}
