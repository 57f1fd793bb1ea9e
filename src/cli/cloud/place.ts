import { cloudError } from "../../cloud/errors.ts";
import type { LocalHostOptions } from "../../cloud/local/local-host.ts";
import { amount, wholeNumber } from "./number.ts";

/** What was typed of this machine. Throws `CLOUD_OPTION`. */
export function placeOptions(
  region: string | undefined,
  label: string | undefined,
  memory: string | undefined,
  price?: string,
): LocalHostOptions {
  const memoryMbMax = wholeNumber("--memory", memory, 1);
  const pricePerHour = amount("--price", price);
  const labels = (label ?? "").split(",").filter((each) => each !== "");
  return {
    ...(region === undefined ? {} : { region }),
    ...(memoryMbMax === undefined ? {} : { memoryMbMax }),
    ...(pricePerHour === undefined ? {} : { pricePerHour }),
    labels: Object.fromEntries(labels.map(pair)),
  };
}

function pair(text: string): readonly [string, string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw cloudError("CLOUD_OPTION", { what: "--label", expected: "name=value", got: JSON.stringify(text) });
}
