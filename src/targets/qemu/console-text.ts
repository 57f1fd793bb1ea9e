import type { LogLine } from "../target.ts";

/** What the kernel says, and not the program. */
const kernelLine = /^\[ *\d+\.\d+\]/;
/** V8's last words, and those of a kernel that has nobody else to kill. */
const exhausted =
  /JavaScript heap out of memory|Out of memory and no killable processes|System is deadlocked on memory|Out of memory: Killed process/;
const panicked = /^\[ *\d+\.\d+\] Kernel panic - not syncing: (.*)$/;

/** Reads the console of a hardware VM: what is for the log, and why the machine ended if it could not say so itself. */
export class ConsoleText {
  outOfMemory = false;
  panic: string | undefined = undefined;

  /** A line without its end. Undefined: nothing for the log. */
  read(line: string): LogLine | undefined {
    const text = line.replace(/\r+$/, "");
    if (exhausted.test(text)) this.outOfMemory = true;
    this.panic ??= panicked.exec(text)?.[1];
    if (text === "") return undefined;
    return { level: kernelLine.test(text) ? "debug" : "info", text };
  }
}
