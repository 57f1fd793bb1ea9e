import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { read, root, table } from "./markdown.ts";

const folder = "docs/decisions";
const records = readdirSync(join(root, folder))
  .filter((name) => name !== "README.md")
  .sort();

test("decisions: the index lists each record, in order, under its title", () => {
  const listed = table(`${folder}/README.md`, "Decisions").map(([number = "", title = ""]) => {
    const [, digits, file] = /^\[(\d{4})\]\((.+)\)$/.exec(number) ?? [];
    return { digits, file, title };
  });
  const expected = records.map((file) => {
    const [, digits, title] = /^# (\d{4}): (.+)\n/.exec(read(`${folder}/${file}`)) ?? [];
    return { digits, file, title };
  });
  expect(listed).toEqual(expected);
});

test.each(records)("decisions: %s has a number, a context, a decision and its consequences", (file) => {
  expect(file).toMatch(/^\d{4}-[a-z0-9-]+\.md$/);
  const page = read(`${folder}/${file}`);
  expect(page.startsWith(`# ${file.slice(0, 4)}: `)).toBe(true);
  const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading);
  expect(headings).toEqual(["Context", "Decision", "Consequences"]);
});
