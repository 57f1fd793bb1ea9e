import { setFlagsFromString } from "node:v8";
import type { AnyImage } from "../../image/image.ts";
import { wholeScript } from "../../image/whole-script.ts";

/** V8's flag for a heap of so many MiB. */
export const heapFlag = (memoryMb: number): string =>
  `--max-old-space-size=${Math.max(1, Math.ceil(memoryMb))}`;

/** As if nobody had said anything: V8's own choice, and what most of Node itself was compiled for. */
export const noHeapFlag = "--max-old-space-size=0";

/**
 * V8's compiled form of an image, for a process whose flag for the heap is this one. V8 takes it only where all flags are as they were
 * when it was made, so the host has that one while it compiles. It changes nothing for a heap that is there already.
 */
export function compiledForm(image: AnyImage, flag: string = noHeapFlag): Buffer {
  setFlagsFromString(flag);
  try {
    return wholeScript(image).createCachedData();
  } finally {
    setFlagsFromString(ownHeapFlag(process.execArgv, process.env["NODE_OPTIONS"]));
  }
}

/** What a process was started with; 0 is V8's own choice. */
export function ownHeapFlag(execArgv: readonly string[], nodeOptions: string = ""): string {
  const given = [...nodeOptions.split(/\s+/), ...execArgv].join(" ");
  // Words may be joined by either sign, and the last one counts.
  const found = [...given.matchAll(/--max[-_]old[-_]space[-_]size[= ](\d+)/g)].at(-1);
  return `--max-old-space-size=${found?.[1] ?? 0}`;
}
