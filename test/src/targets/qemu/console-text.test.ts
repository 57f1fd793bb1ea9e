import { expect, test } from "vitest";
import { ConsoleText } from "../../../../src/targets/qemu/console-text.ts";

test("console: the program's lines are told apart from the kernel's, and empty ones are none", () => {
  const console_ = new ConsoleText();
  expect(console_.read("hello\r")).toEqual({ level: "info", text: "hello" });
  expect(console_.read("[    1.234567] something\r")).toEqual({
    level: "debug",
    text: "[    1.234567] something",
  });
  expect(console_.read("\r")).toBeUndefined();
  expect(console_).toMatchObject({ outOfMemory: false, panic: undefined });
});

test("console: why a machine ended: no memory, or a kernel that gave up", () => {
  const exhausted = new ConsoleText();
  exhausted.read("FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory");
  expect(exhausted.outOfMemory).toBe(true);
  const panicked = new ConsoleText();
  panicked.read("[    3.1] Kernel panic - not syncing: Attempted to kill init! exitcode=0x00000004");
  panicked.read("[    3.2] Kernel panic - not syncing: a second one");
  expect(panicked.panic).toBe("Attempted to kill init! exitcode=0x00000004");
});
