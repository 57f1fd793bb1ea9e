import { Script } from "node:vm";
import { expect, test } from "vitest";
import { wholeScript } from "../../../src/image/whole-script.ts";

const code = `(function () { function later() { return ${JSON.stringify("x".repeat(2000))}; } return later; })`;

test("whole-script: its compiled form is taken, and holds what is called later, too", () => {
  const cachedData = wholeScript({ code, path: "/whole" }).createCachedData();
  expect(new Script(code, { filename: "/whole.mote", cachedData }).cachedDataRejected).toBe(false);
  const inPart = new Script(code, { filename: "/part.mote" }).createCachedData();
  expect(cachedData.length).toBeGreaterThan(inPart.length);
});

test("whole-script: code that is none is a SyntaxError, and leaves the flags as they were", () => {
  expect(() => wholeScript({ code: "(", path: "/none" })).toThrow(SyntaxError);
  const cachedData = new Script(code, { filename: "/next.mote" }).createCachedData();
  expect(new Script(code, { filename: "/other.mote", cachedData }).cachedDataRejected).toBe(false);
});
