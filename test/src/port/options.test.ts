import { describe, expect, test } from "vitest";
import { checkOptions } from "../../../src/port/options.ts";
import { port, type PortOptions } from "../../../src/port/index.ts";

describe("port options", () => {
  test("what is not said has its default", () => {
    expect(checkOptions({ command: "/usr/sbin/tor" })).toEqual({
      command: "/usr/sbin/tor",
      args: [],
      env: {},
      cwd: "/",
      name: "tor",
      ready: "started",
      readyTimeoutMs: 10_000,
      stop: { write: undefined, signal: undefined, graceMs: 0, termMs: 2000 },
      limits: {},
      output: "lines",
      subscriber: undefined,
      window: 256,
      lineLengthMax: 16_384,
      stdinBytesMax: 1_048_576,
    });
  });

  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ["no command", { command: "" }, /^command: expected the path or name of a program, got ""/],
    ["a NUL in an argument", { args: ["a\0b"] }, /^args: expected texts without NUL/],
    ["an argument that is no text", { args: [1] }, /^args/],
    ["a variable without a name", { env: { "A=B": "" } }, /^env: expected names/],
    ["a variable that is no text", { env: { A: undefined } }, /^env\.A: expected a text/],
    ["a relative folder", { cwd: "tmp" }, /^cwd: expected an absolute path, got "tmp"/],
    ["a misspelt option", { comand: "" }, /^port: expected command, args, .*, got "comand"/],
    ["a misspelt limit", { limits: { memory: 1 } }, /^port\.limits: expected memoryMb, /],
    [
      "a limit of nothing",
      { limits: { openFiles: 0 } },
      /^limits\.openFiles: expected a whole number from 1/,
    ],
    ["a limit for ever", { limits: { cpuSeconds: Infinity } }, /^limits\.cpuSeconds/],
    ["a pattern that is a text", { ready: { line: "up" } }, /^ready\.line: expected a regular expression/],
    ["an unknown stream", { ready: { line: /a/, stream: "stdin" } }, /^ready\.stream: expected stdout/],
    ["a port above all", { ready: { tcp: 65_536 } }, /^ready\.tcp/],
    ["a probe that is none", { ready: { probe: true } }, /^ready\.probe/],
    ["nothing to be ready by", { ready: {} }, /^ready: expected "started", \{ line \}/],
    ["an unknown signal", { stop: { signal: "SIGKILL" } }, /^stop\.signal: expected SIGHUP, SIGINT/],
    ["a grace without a cause", { stop: { graceMs: 5 } }, /^stop\.graceMs: expected none without/],
    ["no time to be ready", { readyTimeoutMs: 0 }, /^readyTimeoutMs/],
    ["an unknown kind of output", { output: "words" }, /^output: expected "lines" or "raw"/],
    ["half a window", { window: 0.5 }, /^window/],
  ];

  test.each(wrong)("%s is refused by what it is", (_what, options, message) => {
    // Sound: what callers without types may give.
    const given = { command: "true", ...options } as PortOptions;
    expect(() => port(given)).toThrow(
      expect.objectContaining({ code: "PORT_OPTION", message: expect.stringMatching(message) as unknown }),
    );
  });
});
