import { describe, expect, test } from "vitest";
import { recordedCases } from "./case.ts";
import { Replay } from "./replay.ts";

const cases = recordedCases();

describe("oracle", () => {
  test("oracle: all recorded cases are here", () => {
    expect(cases.length).toBe(59);
  });

  test.each(cases)("oracle: $name: $doc", (recorded) => {
    expect(new Replay(recorded).trace()).toEqual(recorded.trace);
  });
});
