import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { read, root, table } from "./markdown.ts";

/** The page's promise: what it says is held by a test is, under that name. */
const page = "docs/field-mistakes.md";
const headings = [...read(page).matchAll(/^## (.+)$/gm)].map(([, heading = ""]) => heading);
const rows = headings.flatMap((heading) => table(page, heading));

test.each(rows)("field mistakes: %s: is held by tests that exist, or says why it cannot be", (...cells) => {
  expect(cells.length).toBe(3);
  const [mistake = "", here = "", proof = ""] = cells;
  expect([mistake, here]).not.toContain("");
  if (proof === "") return expect(here).toMatch(/^Not here( yet)?: /);
  for (const part of proof.split("; ")) {
    const oracle = /^oracle ((?:`\w+`(?:, )?)+)$/.exec(part)?.[1];
    const [, file, names = ""] = /^`(test\/[\w./-]+\.ts)`((?:,? "[^"]+")*)$/.exec(part) ?? [];
    if (oracle !== undefined) {
      const cases = [...oracle.matchAll(/\w+/g)].map(([name]) => `test/oracle/cases/${name}.json`);
      expect(cases.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    } else if (file !== undefined) {
      const text = read(file);
      const missing = [...names.matchAll(/"([^"]+)"/g)].filter(([, name = ""]) => !text.includes(name));
      expect(missing.map(([name]) => `${file}: ${name}`)).toEqual([]);
    } else expect(part).toBe('oracle `case`, or `test/file` "name"');
  }
});

test("field mistakes: no line of the catalogues is lost", () => {
  expect(rows.length).toBeGreaterThanOrEqual(80);
});
