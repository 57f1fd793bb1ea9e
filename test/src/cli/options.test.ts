import { describe, expect, test } from "vitest";
import { checkOptions } from "../../../src/cli/options.ts";

const known = {
  file: { type: "positional", required: false },
  json: { type: "boolean" },
  port: { type: "string" },
} as const;

describe("command line options", () => {
  test.each([
    [],
    ["app.ts"],
    ["app.ts", "--json"],
    ["--json", "--json", "app.ts"],
    ["--no-json", "app.ts"],
    ["--port=80", "app.ts"],
    ["--port", "80", "app.ts"],
    ["--", "--json"],
    ["-"],
  ])("options: what a command has is let through (%#)", (...args: string[]) => {
    expect(() => checkOptions(args, known)).not.toThrow();
  });

  test.each([
    ["--loud", ["app.ts", "--loud"]],
    ["--loud=1", ["--loud=1"]],
    ["-x", ["app.ts", "-x"]],
    ["--__proto__", ["--__proto__"]],
    ["--json=maybe", ["app.ts", "--json=maybe"]],
    ["--file", ["--file"]],
    ["two.ts", ["one.ts", "two.ts"]],
    ["two.ts", ["--", "one.ts", "two.ts"]],
    ["--json", ["--", "one.ts", "--json"]],
    ["two.ts", ["--port", "80", "one.ts", "two.ts"]],
  ])("options: %s is refused, with what there is", (option, args) => {
    expect(() => checkOptions(args, known)).toThrow(
      expect.objectContaining({
        code: "UNKNOWN_OPTION",
        message: `unknown option ${option}. There is: --json, --port`,
      }) as Error,
    );
  });
});
