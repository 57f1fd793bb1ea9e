import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** Where our own layers are, compiled or not: their frames and imports say nothing of a program. */
const roots = [
  fileURLToPath(new URL("../..", import.meta.url)),
  fileURLToPath(new URL("../../..", import.meta.url)),
];
const layers = /^(?:dist\/)?((?:kernel|supervisors|transports|src)\/.*)/;

/** `motes:kernel/cell.ts`. Undefined: the file is not one of ours. */
export function ownName(path: string): string | undefined {
  for (const root of roots) {
    const inside = layers.exec(relative(root, path))?.[1];
    if (inside !== undefined) return `motes:${inside}`;
  }
  return undefined;
}

/** Is this file one of ours, and not the program's? */
export const isOwn = (path: string): boolean => ownName(path) !== undefined;
