import { expect, test } from "vitest";
import { BlankWords } from "../../../src/targets/blank-words.ts";

test("blank words: each is taken once, the last one says that the blank is ready, and all else is not for it", () => {
  for (const [primed, words] of [
    [false, ["blank"]],
    [true, ["blank", "primed"]],
  ] as const) {
    let ready = 0;
    const own = new BlankWords(primed);
    const take = (message: unknown): boolean => own.take(message, () => void ready++);
    for (const junk of [undefined, null, "blank", {}, { type: "log" }, { type: words }])
      expect(take(junk)).toBe(false);
    for (const type of words) {
      expect([ready, take({ type })]).toEqual([0, true]);
      expect(take({ type })).toBe(false);
    }
    expect([ready, take({ type: "blank" }), take({ type: "primed" })]).toEqual([1, false, false]);
  }
});
