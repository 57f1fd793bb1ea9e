import { cloudError } from "../../cloud/errors.ts";

/** An option's amount of something, if it was typed. Throws `CLOUD_OPTION`. */
export function amount(what: string, typed: string | undefined): number | undefined {
  if (typed === undefined) return undefined;
  const value = Number(typed);
  if (typed.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw cloudError("CLOUD_OPTION", { what, expected: "a number from 0", got: JSON.stringify(typed) });
}

/** An option's number, if it was typed. Throws `CLOUD_OPTION`. */
export function wholeNumber(what: string, typed: string | undefined, least: number): number | undefined {
  if (typed === undefined) return undefined;
  const value = Number(typed);
  if (typed.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
  throw cloudError("CLOUD_OPTION", {
    what,
    expected: `a whole number from ${least}`,
    got: JSON.stringify(typed),
  });
}
