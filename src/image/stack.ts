import { SourceMap } from "node:module";
import { dirname, relative, resolve } from "node:path";
import type { Crash, ExitReason } from "../../kernel/index.ts";
import type { AnyImage } from "./image.ts";

const frame = /^(\s+at .*?\(?)([^\s()]+\.mote):(\d+):(\d+)(\)?)$/;

/** A crash's stack in the program's own files and lines instead of the bundle's. */
export function remap(reason: ExitReason, image: AnyImage): ExitReason {
  if (typeof reason !== "object" || reason.type !== "crash" || reason.stack === undefined) return reason;
  // Sound: esbuild wrote this text as a source map.
  const map = new SourceMap(JSON.parse(image.sourceMap) as ConstructorParameters<typeof SourceMap>[0]);
  const stack = reason.stack.split("\n").map((line) => remapLine(line, map, image));
  return { ...reason, stack: stack.filter((line) => !line.includes("/kernel/")).join("\n") } satisfies Crash;
}

function remapLine(line: string, map: SourceMap, image: AnyImage): string {
  const match = frame.exec(line);
  if (match === null) return line;
  const [, before = "", , row = "0", column = "0", after = ""] = match;
  const origin = map.findEntry(Number(row) - 1, Number(column) - 1);
  if (!("originalSource" in origin)) return line;
  // esbuild names sources from the program's folder; a person looks from where they stand.
  const file = relative(process.cwd(), resolve(dirname(image.path), origin.originalSource));
  return `${before}${file}:${origin.originalLine + 1}:${origin.originalColumn + 1}${after}`;
}
