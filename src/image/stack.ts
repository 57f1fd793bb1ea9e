import { dirname, relative, resolve } from "node:path";
import type { Crash, ExitReason } from "../../kernel/index.ts";
import type { AnyImage } from "./image.ts";
import { isOwn } from "./own.ts";

const frame = /^(\s+at .*?\(?)([^\s()]+\.mote):(\d+):(\d+)(\)?)$/;
/** A crash's stack in the program's own files and lines instead of the bundle's, without our own frames and Node's. */
export function remap(reason: ExitReason, image: AnyImage): ExitReason {
  if (typeof reason !== "object" || reason.type !== "crash" || reason.stack === undefined) return reason;
  const stack = reason.stack.split("\n").flatMap((line) => remapLine(line, image) ?? []);
  return { ...reason, stack: stack.join("\n") } satisfies Crash;
}

/** The same for a crash in the details of a line of a log. */
export function remapDetails<L extends { readonly details?: object }>(line: L, image: AnyImage): L {
  const { crash } = (line.details ?? {}) as { readonly crash?: ExitReason };
  return crash === undefined ? line : { ...line, details: { ...line.details, crash: remap(crash, image) } };
}

/** Undefined: not worth showing. */
function remapLine(line: string, image: AnyImage): string | undefined {
  if (/\(node:|\(<anonymous>\)/.test(line)) return undefined;
  const match = frame.exec(line);
  if (match === null) return line;
  const [, before = "", , row = "0", column = "0", after = ""] = match;
  const origin = image.origins.of(Number(row), Number(column));
  if (origin === undefined) return line;
  const place = `${origin.line}:${origin.column}${after}`;
  // A sealed image names its sources by what they are, and no file need be there.
  if (origin.source.startsWith("motes:")) return undefined;
  if (origin.source.startsWith("npm:") || image.path.endsWith(".mote"))
    return `${before}${origin.source}:${place}`;
  // esbuild names sources from the program's folder; a person looks from where they stand.
  const path = resolve(dirname(image.path), origin.source);
  if (isOwn(path)) return undefined;
  return `${before}${relative(process.cwd(), path)}:${place}`;
}
