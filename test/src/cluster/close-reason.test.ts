import fc from "fast-check";
import { expect, test } from "vitest";
import type { ExitReason } from "../../../src/index.ts";
import { closeReasonOf, exitReasonOf } from "../../../src/cluster/close-reason.ts";

test("close reason: what fits is told as it is", () => {
  const reasons: ExitReason[] = [
    "killed",
    { type: "shutdown", detail: ["done", 7] },
    { type: "crash", name: "Error", message: "no", code: "E", stack: "at x" },
  ];
  for (const reason of reasons) expect(exitReasonOf(closeReasonOf(reason))).toEqual(reason);
});

test("close reason: what is too long is told in fewer words, and always fits", () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 600 }),
      fc.string({ minLength: 300, maxLength: 2000 }),
      (name, message) => {
        const { code, text } = closeReasonOf({ type: "crash", name, message, code: name, stack: message });
        expect([code, text.length <= 512]).toEqual(["vm_ended", true]);
        expect(exitReasonOf({ code, text })).toMatchObject({ type: "crash" });
      },
    ),
  );
  expect(exitReasonOf(closeReasonOf("x".repeat(600)))).toMatchObject({ type: "crash", name: "Error" });
});

test("close reason: what no VM's end was the cause of, or is nonsense, is noconnection", () => {
  const others = [
    undefined,
    { code: "LINK_SILENT", text: "nothing came" },
    { code: "vm_ended", text: "{" },
    { code: "vm_ended", text: "7" },
    { code: "vm_ended", text: '{"type":"crash","name":7,"message":""}' },
  ];
  for (const reason of others) expect(exitReasonOf(reason)).toBe("noconnection");
});
