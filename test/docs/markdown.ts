/** The project's prose as data for tests: code blocks, tables, links. Knows as much of Markdown as our pages use. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { root } from "../tidy/source.ts";

export { root };

/** A page as a path from the root of the project. */
export function read(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** Every page of ours. */
export function pages(): readonly string[] {
  const found = ["", "docs", "examples"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: folder !== "", withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".md"))
      .map((entry) => relative(root, join(entry.parentPath, entry.name))),
  );
  return found.sort();
}

export interface Block {
  readonly page: string;
  readonly language: string;
  /** What stands after the language: the file that the block is, or whose output it is. */
  readonly name: string;
  readonly text: string;
}

export function blocks(page: string): readonly Block[] {
  const fences = read(page).matchAll(/^```(\w+) ?(\S*)\n([\s\S]*?)^```$/gm);
  return [...fences].map(([, language = "", name = "", text = ""]) => ({ page, language, name, text }));
}

/** The rows of all tables below this heading and above the next, without heads: cells as they are written. */
export function table(page: string, heading: string): readonly (readonly string[])[] {
  const section = read(page)
    .split(/^#+ /m)
    .find((part) => part.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`${page} has no heading "${heading}"`);
  const rows = section
    .split("\n")
    .map((line, index, lines) => ({ line, head: lines[index + 1]?.startsWith("| ---") === true }))
    .filter(({ line, head }) => line.startsWith("| ") && !line.startsWith("| ---") && !head);
  return rows.map(({ line }) =>
    line
      .slice(1, line.lastIndexOf("|"))
      .split("|")
      .map((cell) => cell.trim()),
  );
}

/** Where its links lead, as written. */
export function links(page: string): readonly string[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target);
}

/** What stands in backticks. */
export function spans(page: string): readonly string[] {
  return [...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span);
}

/** What a cell or span has in backticks, without them. */
export const unquoted = (cell: string): string => cell.replaceAll("`", "");

const prose = (page: string): string => read(page).replace(/^```[\s\S]*?^```$/gm, "");
