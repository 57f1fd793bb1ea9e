import { srcError } from "../errors.ts";

/** For a command that takes keys, any number of times. */
export const keyArg = {
  type: "string",
  description: "A key's value: --key port=8080. May be given more than once",
} as const;

/** All `--key name=value` of a command line. Throws `KEY_INVALID` for one without a value. */
export function keysIn(rawArgs: readonly string[]): Readonly<Record<string, string>> {
  const end = rawArgs.indexOf("--");
  const options = end === -1 ? rawArgs : rawArgs.slice(0, end);
  const texts = options.flatMap((arg, index) => {
    if (arg === "--key") return [options[index + 1] ?? ""];
    return arg.startsWith("--key=") ? [arg.slice("--key=".length)] : [];
  });
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw srcError("KEY_INVALID", { key: text, expected: "a value: --key name=value", got: "none" });
    }),
  );
}
