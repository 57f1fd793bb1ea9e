import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Crash, ExitReason } from "../../kernel/index.ts";
import type { AnyImage } from "./image.ts";

const frame = /^(\s+at .*?\(?)([^\s()]+\.mote):(\d+):(\d+)(\)?)$/;
/** Where our own layers are, compiled or not: their frames say nothing to whoever wrote the program. */
const own = [
  fileURLToPath(new URL("../..", import.meta.url)),
  fileURLToPath(new URL("../../..", import.meta.url)),
];
const layers = /^(dist\/)?(kernel|supervisors|transports|src)\//;

/** A crash's stack in the program's own files and lines instead of the bundle's, without our own frames and Node's. */
export function remap(reason: ExitReason, image: AnyImage): ExitReason {
  if (typeof reason !== "object" || reason.type !== "crash" || reason.stack === undefined) return reason;
  const stack = reason.stack.split("\n").flatMap((line) => remapLine(line, image) ?? []);
  return { ...reason, stack: stack.join("\n") } satisfies Crash;
}

/** Undefined: not worth showing. */
function remapLine(line: string, image: AnyImage): string | undefined {
  if (/\(node:|\(<anonymous>\)/.test(line)) return undefined;
  const match = frame.exec(line);
  if (match === null) return line;
  const [, before = "", , row = "0", column = "0", after = ""] = match;
  const origin = image.origins.of(Number(row), Number(column));
  if (origin === undefined) return line;
  // esbuild names sources from the program's folder; a person looks from where they stand.
  const path = resolve(dirname(image.path), origin.source);
  if (own.some((root) => layers.test(relative(root, path)))) return undefined;
  return `${before}${relative(process.cwd(), path)}:${origin.line}:${origin.column}${after}`;
}
