import { setFlagsFromString } from "node:v8";
import type { AnyImage } from "../../image/image.ts";
import { wholeForm } from "../../image/whole-script.ts";

/** V8's flag for a heap of so many MiB. */
export const heapFlag = (memoryMb: number): string =>
  `--max-old-space-size=${Math.max(1, Math.ceil(memoryMb))}`;

/** As if nobody had said anything: V8's own choice, and what most of Node itself was compiled for. */
export const noHeapFlag = "--max-old-space-size=0";

/**
 * V8's compiled form of an image, for a process that has taken its flag for the heap back: V8 takes it only under the flags that it was
 * made under. A host that has such a flag itself takes it back for as long as it compiles; that changes nothing for a heap that is there.
 */
export function compiledForm(image: AnyImage): Uint8Array {
  const own = ownHeapFlag(process.execArgv, process.env["NODE_OPTIONS"]);
  if (own === noHeapFlag) return image.cachedData;
  setFlagsFromString(noHeapFlag);
  try {
    return wholeForm(image);
  } finally {
    setFlagsFromString(own);
  }
}

/** What a process was started with; 0 is V8's own choice. */
export function ownHeapFlag(execArgv: readonly string[], nodeOptions: string = ""): string {
  const given = [...nodeOptions.split(/\s+/), ...execArgv].join(" ");
  // Words may be joined by either sign, and the last one counts.
  const found = [...given.matchAll(/--max[-_]old[-_]space[-_]size[= ](\d+)/g)].at(-1);
  return `--max-old-space-size=${found?.[1] ?? 0}`;
}
