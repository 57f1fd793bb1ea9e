import { expect, test } from "vitest";
import { starter } from "../../../../src/targets/process/starter.ts";

test("starter: no word of it has Node load what a script may want of it, at the price of a quarter of its boot", () => {
  // Node looks for this one in the text of what it is to evaluate, wherever it stands.
  expect(starter).not.toMatch(/\bcrypto\b/);
  expect(() => new Function(starter)).not.toThrow();
});
