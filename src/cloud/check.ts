/** The looks that are taken at a declaration. Each throws `CLOUD_OPTION` that says where, what was expected and what was got. */
import { cloudError } from "./errors.ts";

export function check(what: string, ok: boolean, expected: string, got: unknown): void {
  if (!ok) throw cloudError("CLOUD_OPTION", { what, expected, got: textOf(got) });
}

/** A misspelt option is no option. */
export function checkKeys(what: string, value: object, known: readonly string[]): void {
  check(what, typeof value === "object" && value !== null, "an object", value);
  for (const key of Object.keys(value)) check(what, known.includes(key), known.join(", "), key);
}

const countMax = 2 ** 31 - 1;

/** A whole number, as far as a timer and a typed array go. */
export function count(what: string, value: unknown, least: number): number {
  const ok = typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= countMax;
  check(what, ok, `a whole number from ${least} to ${countMax}`, value);
  // Sound: looked at above.
  return value as number;
}

export const textOf = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value) : Array.isArray(value) ? "a list" : String(value);
