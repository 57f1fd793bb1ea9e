import { srcError } from "../errors.ts";
import { valuesOf } from "./repeated-option.ts";

/** For a command that takes keys, any number of times. */
export const keyArg = {
  type: "string",
  description: "A key's value: --key port=8080. May be given more than once",
} as const;

/** All `--key name=value` of a command line. Throws `KEY_INVALID` for one without a value. */
export function keysIn(rawArgs: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    valuesOf(rawArgs, "--key").map((text) => {
      const at = text.indexOf("=");
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw srcError("KEY_INVALID", { key: text, expected: "a value: --key name=value", got: "none" });
    }),
  );
}
