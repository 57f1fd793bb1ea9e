import { describe, expect, test } from "vitest";
import { shutdown, type ExitReason } from "../../kernel/index.ts";
import { srcError } from "../../src/errors.ts";

const crash: ExitReason = { type: "crash", name: "Error", message: "no", code: "EADDRINUSE", stack: "at x" };
const under = (id: string, reason: ExitReason): ExitReason =>
  shutdown({ type: "failed_to_start_child", id, reason });
const textOf = (reason: ExitReason): string => srcError("VM_START_FAILED", { vm: "kv", reason }).message;

describe("errors: a VM that did not start", () => {
  test("the reason at the bottom of a tree is told, with the way down and what to do", () => {
    expect(textOf(under("front", under("http", crash)))).toBe(
      "kv did not start: its child front did not start: its child http did not start: Error EADDRINUSE: no" +
        ". Another program listens there: stop it, or choose another port.",
    );
  });

  test("an application is called one", () => {
    expect(
      textOf(shutdown({ type: "failed_to_start_application", id: "web", reason: under("http", "noproc") })),
    ).toBe("kv did not start: its application web did not start: its child http did not start: noproc");
  });

  test.each<[ExitReason, string]>([
    ["killed", "kv did not start: killed"],
    [under("a", "noproc"), "kv did not start: its child a did not start: noproc"],
    [
      shutdown({ type: "failed_to_start_child", id: "a" }),
      'kv did not start: shutdown: {"type":"failed_to_start_child","id":"a"}',
    ],
    [shutdown(null), "kv did not start: shutdown: null"],
    [
      shutdown({ type: "other", id: "a", reason: 1 }),
      'kv did not start: shutdown: {"type":"other","id":"a","reason":1}',
    ],
  ])("%j", (reason, text) => {
    expect(textOf(reason)).toBe(text);
  });
});
