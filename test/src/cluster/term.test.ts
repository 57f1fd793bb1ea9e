import { expect, test } from "vitest";
import { Term } from "../../../src/cluster/term.ts";

test("term: it holds for as long as its clock says, and never again once it has ended", () => {
  let leftMs = 5;
  const term = new Term("it", 7, { leftMs: (token) => (token === 7 ? leftMs : 0) });
  expect([term.holds, term.leftMs]).toEqual([true, 5]);
  term.check();
  leftMs = -1;
  expect([term.holds, term.leftMs]).toEqual([false, 0]);
  const lost = (why: string) =>
    expect.objectContaining({ code: "LEASE_LOST", details: { name: "it", token: 7, why } });
  expect(() => term.check()).toThrow(lost("expired"));
  leftMs = 5;
  term.end("taken");
  term.end("released");
  expect(term.holds).toBe(false);
  expect(() => term.check()).toThrow(lost("taken"));
});
