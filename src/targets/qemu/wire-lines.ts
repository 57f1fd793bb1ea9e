import { TextLines } from "../process/text-lines.ts";

/** The byte that wakes. No line of JSON has it. */
export const ringByte = 1;

/** Takes apart what comes through the serial port: lines, and bytes that wake, wherever they stand between or within those. */
export class WireLines {
  private readonly lines: TextLines;
  private readonly rung: () => void;

  constructor(line: (text: string) => void, rung: () => void) {
    this.lines = new TextLines(line);
    this.rung = rung;
  }

  push(bytes: Uint8Array): void {
    if (!bytes.includes(ringByte)) return this.lines.push(bytes);
    const text = bytes.filter((byte) => byte !== ringByte);
    if (text.length > 0) this.lines.push(text);
    this.rung();
  }
}
