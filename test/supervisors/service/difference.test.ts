import { expect, test } from "vitest";
import type { Probe } from "../../../kernel/index.ts";
import { missingIn } from "../../../supervisors/service/difference.ts";

const probe = (operations: Probe["operations"], state: Partial<Probe> = {}): Probe => ({
  version: 0,
  operations,
  handsOff: false,
  adopts: false,
  depth: 0,
  unwell: undefined,
  ...state,
});

test("difference: a protocol may grow, and may not shrink", () => {
  const old = probe([["get"], ["put"], ["tick"]]);
  expect(missingIn(probe([["get", "add"], ["put"], ["tick", "tock"]]), old)).toEqual([]);
  expect(missingIn(probe([["put"], [], []]), old)).toEqual(['call "get"', 'cast "put"', 'message "tick"']);
});

test("difference: state that is handed over wants somebody to adopt it", () => {
  const none: Probe["operations"] = [[], [], []];
  const old = probe(none, { handsOff: true });
  expect(missingIn(probe(none, { adopts: true }), old)).toEqual([]);
  expect(missingIn(probe(none), old)).toEqual(["adopt, for the state that is handed over"]);
  expect(missingIn(probe(none, { adopts: true }), probe(none))).toEqual([]);
});
