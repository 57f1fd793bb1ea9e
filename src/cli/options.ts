import type { ArgsDef } from "citty";
import { srcError } from "../errors.ts";

/** Refuses options that a command does not have, which the parser lets pass. Throws `UNKNOWN_OPTION`. */
export function checkOptions(rawArgs: readonly string[], known: ArgsDef): void {
  const names = Object.entries(known).filter(([, { type }]) => type !== "positional");
  for (const arg of rawArgs) {
    if (arg === "--") return;
    if (!arg.startsWith("-") || arg === "-") continue;
    const option = arg.replace(/^--?(no-)?/, "").replace(/=.*/, "");
    if (names.some(([name]) => name === option)) continue;
    throw srcError("UNKNOWN_OPTION", {
      option: arg.replace(/=.*/, ""),
      known: names.map(([name]) => `--${name}`),
    });
  }
}
