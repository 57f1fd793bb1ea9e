import type { Stream } from "./options.ts";

const linesMax = 10;
const lineLengthMax = 500;

/** The last lines of a process, for the reason of its end: its complaints, or if there are none what else it said. */
export class Tail {
  private readonly stdout: string[] = [];
  private readonly stderr: string[] = [];

  push(stream: Stream, text: string): void {
    const lines = this[stream];
    lines.push(text.length > lineLengthMax ? `${text.slice(0, lineLengthMax)}...` : text);
    if (lines.length > linesMax) lines.shift();
  }

  get lines(): readonly string[] {
    return this.stderr.length > 0 ? this.stderr : this.stdout;
  }
}
