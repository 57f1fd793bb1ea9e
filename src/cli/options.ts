import type { ArgsDef } from "citty";
import { srcError } from "../errors.ts";

/** Refuses what a command does not have, which the parser lets pass: options, values of flags, more arguments. Throws `UNKNOWN_OPTION`. */
export function checkOptions(rawArgs: readonly string[], known: ArgsDef): void {
  const names = Object.entries(known).filter(([, { type }]) => type !== "positional");
  let positionals = Object.keys(known).length - names.length;
  let options = true;
  let valueNext = false;
  for (const arg of rawArgs) {
    if (valueNext) {
      valueNext = false;
      continue;
    }
    if (options && arg === "--") {
      options = false;
      continue;
    }
    if (!options || !arg.startsWith("-") || arg === "-") {
      if (positionals-- > 0) continue;
    } else {
      const [option = "", value] = arg.replace(/^--?(no-)?/, "").split("=", 2);
      const type = names.find(([name, def]) => name === option || aliasOf(def) === option)?.[1].type;
      if (type !== undefined && (value === undefined || type !== "boolean")) {
        valueNext = type === "string" && value === undefined;
        continue;
      }
    }
    throw srcError("UNKNOWN_OPTION", { option: arg, known: names.map(([name]) => `--${name}`) });
  }
}

const aliasOf = (definition: object): unknown => ("alias" in definition ? definition.alias : undefined);
