/** The project's TypeScript as text, for tests that hold rules or prose against it. */
import { readdirSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../..", import.meta.url));

export interface Source {
  /** From the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** The lines without comments, and with nothing in strings: for words that are only forbidden in code. */
  readonly code: readonly string[];
}

/** Every TypeScript file below a folder. */
export function sources(folder: string): readonly Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.includes("fixtures/bad/"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .sort()
    .map((path) => {
      const text = readFileSync(join(root, path), "utf8");
      return { path, text, lines: text.split("\n"), code: codeOf(text).split("\n") };
    });
}

/** The four layers. */
export const layers: readonly Source[] = ["kernel", "supervisors", "transports", "src"].flatMap(sources);
export const examples: readonly Source[] = sources("examples");
export const tests: readonly Source[] = sources("test");
export const all: readonly Source[] = [...layers, ...examples, ...tests];

export const isPortable = ({ path }: Source): boolean =>
  /^(kernel|supervisors|transports\/wire)\//.test(path);

export const isTest = ({ path }: Source): boolean => /\.(test|test-d|bench)\.ts$/.test(path);

/** What a file imports: relative files as paths from the root, others as they are written. */
export function importsOf({ path, text }: Source): readonly string[] {
  const found = [
    ...text.matchAll(/^(?:(?:import|export)\b[^"';]*\bfrom|import) "([^"]+)";/gm),
    ...text.matchAll(/\bawait import\("([^"]+)"\)/g),
  ];
  return found.map(([, to = ""]) => (to.startsWith(".") ? posix.join(posix.dirname(path), to) : to));
}

/** Each line that breaks a rule: where it is, and what it says. */
export function where(
  files: readonly Source[],
  breaks: (line: string, index: number, source: Source) => boolean,
): readonly string[] {
  return files.flatMap((source) =>
    source.code.flatMap((line, index) =>
      breaks(line, index, source) ? [`${source.path}:${index + 1}: ${source.lines[index]?.trim()}`] : [],
    ),
  );
}

/** Comments and the insides of strings are gone, the lines stay. Knows as much of the language as formatted code uses. */
function codeOf(text: string): string {
  const parts = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g;
  return text.replace(parts, (part) => {
    if (part.startsWith('"')) return '""';
    const kept = part.startsWith("`") ? "``" : "";
    return kept + part.replaceAll(/[^\n]/g, "");
  });
}
