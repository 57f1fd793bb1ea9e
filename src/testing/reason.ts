import { reasonText, type ExitReason } from "../../kernel/index.ts";

/** Errors that the engine words, in other words with each version. */
const engines: readonly string[] = ["TypeError", "RangeError", "ReferenceError", "SyntaxError", "URIError"];

export function isEngineError(reason: ExitReason): boolean {
  return typeof reason === "object" && reason.type === "crash" && engines.includes(reason.name);
}

/** A reason in one line that is the same on every machine. */
export function shown(reason: ExitReason): string {
  if (typeof reason === "string") return reason;
  if (reason.type === "crash" && isEngineError(reason)) return reason.name;
  return reasonText(reason).split("\n", 1)[0] ?? "";
}
