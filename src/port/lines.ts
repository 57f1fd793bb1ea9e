import { StringDecoder } from "node:string_decoder";

/** A stream's bytes as lines of UTF-8: one that is longer than the bound is cut, so that what is kept is bounded too. */
export class Lines {
  private readonly decoder = new StringDecoder("utf8");
  private readonly lengthMax: number;
  private readonly tell: (text: string, cut: boolean) => void;
  private rest = "";

  /** `cut`: the line goes on in the next part. */
  constructor(lengthMax: number, tell: (text: string, cut: boolean) => void) {
    this.lengthMax = lengthMax;
    this.tell = tell;
  }

  push(bytes: Buffer): void {
    const text = this.rest + this.decoder.write(bytes);
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      start = this.cut(text, start, end);
      this.tell(text.slice(start, text[end - 1] === "\r" && end > start ? end - 1 : end), false);
      start = end + 1;
    }
    this.rest = text.slice(this.cut(text, start, text.length));
  }

  /** What is left is a line, too. */
  end(): void {
    const text = this.rest + this.decoder.end();
    this.rest = "";
    const start = this.cut(text, 0, text.length);
    if (start < text.length) this.tell(text.slice(start), false);
  }

  /** Tells whole parts of a line that is too long; where its last part starts. */
  private cut(text: string, start: number, end: number): number {
    const { lengthMax } = this;
    let at = start;
    while (end - at > lengthMax) {
      // No half of a surrogate pair in either part.
      const high = lengthMax > 1 && /[\ud800-\udbff]/.test(text[at + lengthMax - 1] ?? "");
      const next = at + lengthMax - (high ? 1 : 0);
      this.tell(text.slice(at, next), true);
      at = next;
    }
    return at;
  }
}
