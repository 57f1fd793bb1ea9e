import { expect, test } from "vitest";
import { attacks, promises, type Attack } from "../contract/promises.ts";
import { read, table } from "./markdown.ts";

const heading = "What each target promises";

test("docs/security.md: promises of each target what the suite tries, and nothing else", () => {
  const targets = Object.keys(promises);
  const expected = Object.entries(attacks).map(([attack, words]) => [
    words,
    ...targets.map((target) => {
      const promised = promises[target]?.[attack as Attack];
      return typeof promised === "string" ? promised : `not: ${promised?.gap}`;
    }),
  ]);
  expect(table("docs/security.md", heading)).toEqual(expected);
  const head = read("docs/security.md")
    .split("\n")
    .find((line) => line.startsWith("| a hostile program"));
  expect(head).toBe(
    `| a hostile program tries to | ${targets.map((target) => `\`${target}\``).join(" | ")} |`,
  );
});
