import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { links, pages, read, root, spans, table, unquoted } from "./markdown.ts";

const folders = ["kernel", "supervisors", "transports", "src", "examples", "test", "docs", ".ci"];
/** `kernel/mailbox.ts`, `test/oracle/`: from the root of the project, without wild cards. */
const isPath = (span: string): boolean =>
  /^[.\w-]+\/[\w./-]*$/.test(span) && folders.includes(span.split("/")[0] ?? "");

test.each(pages())("%s: every relative link and every path in backticks leads somewhere", (page) => {
  const targets = links(page)
    .filter((target) => !/^(https?:|#)/.test(target))
    .map((target) => join(dirname(page), target.replace(/#.*$/, "")));
  const missing = [...targets, ...spans(page).filter(isPath)].filter((path) => !existsSync(join(root, path)));
  expect(missing).toEqual([]);
});

const stops = ["The path of one message", "The path of a boot"].flatMap((heading) =>
  table("ARCHITECTURE.md", heading),
);

test.each(
  stops.map(([stop = "", file = "", symbol = ""]) => [stop, unquoted(file), unquoted(symbol)] as const),
)("ARCHITECTURE.md: stop %s, %s has a %s", (_stop, file, symbol) => {
  expect(read(file)).toMatch(definitionOf(symbol));
});

test("ARCHITECTURE.md: names every folder of the layers, and is short enough to be read", () => {
  const named = table("ARCHITECTURE.md", "The house").map(([folder = ""]) => unquoted(folder));
  expect(named).toEqual(
    expect.arrayContaining(["kernel/", "supervisors/", "transports/wire/", "transports/ring/", "test/"]),
  );
  expect(stops.length).toBeGreaterThan(20);
  expect(read("ARCHITECTURE.md").split("\n").length).toBeLessThan(200);
});

/** What our pages say is not there, and the export that would make it untrue. */
const notThere = [
  ["README.md", "`transfer`", "transfer"],
  ["docs/semantics.md", "`hibernate`", "hibernate"],
] as const;

test.each(notThere)("%s: says that there is no %s, and there is none", (page, words, name) => {
  const there = new RegExp(`^  ${name},$`, "m").test(read("src/guest-api.ts"));
  const said = read(page).replaceAll("\n", " ").includes(words);
  expect(said, "now it is there: say so, and take the line out").toBe(!there);
});

/** Of a function, a constant, a method or a property; not of a call. */
function definitionOf(symbol: string): RegExp {
  const atTop = `(export )?(async )?(function\\*?|const|class) ${symbol}\\b`;
  const inside = `  ((private|protected|override|readonly|async|static|get) )*\\*?${symbol}(<[^(]*>)?(\\(|:| =)`;
  return new RegExp(`^(${atTop}|${inside})`, "m");
}
