import type { Cast, Ref } from "../../kernel/index.ts";
import { Lines } from "./lines.ts";
import type { CheckedOptions, Stream } from "./options.ts";

/** What a subscriber answers with. */
export type PortCredit = Cast<"more", [count: number]>;

/** One line of a process, without its end. `cut`: it was too long, and goes on in the next one of this stream. */
export interface PortLine {
  readonly type: "line";
  readonly port: Ref<PortCredit>;
  /** As the options have it. */
  readonly name: string;
  readonly stream: Stream;
  readonly text: string;
  readonly cut: boolean;
}

export interface PortBytes {
  readonly type: "bytes";
  readonly port: Ref<PortCredit>;
  /** As the options have it. */
  readonly name: string;
  readonly stream: Stream;
  readonly bytes: Uint8Array;
}

/** What a subscriber takes if the port may be of either kind. */
export type PortOutput = PortLine | PortBytes;

export type Piece =
  | { readonly type: "line"; readonly stream: Stream; readonly text: string; readonly cut: boolean }
  | { readonly type: "bytes"; readonly stream: Stream; readonly bytes: Uint8Array };

/**
 * What a process prints, on its way to a subscriber: in pieces, as many as it has credit for. When that is used up the process's
 * pipes are not read, so that what waits is what one read had brought, and the process waits in its own write.
 */
export class Output {
  private readonly raw: boolean;
  private readonly lines: Readonly<Record<Stream, Lines>>;
  private readonly tell: (piece: Piece) => void;
  private readonly waiting: Piece[] = [];
  private credit: number;

  constructor(
    { output, lineLengthMax, window }: Pick<CheckedOptions, "output" | "lineLengthMax" | "window">,
    to: { readonly tell: (piece: Piece) => void; readonly seen: (stream: Stream, text: string) => void },
  ) {
    this.raw = output === "raw";
    this.credit = window;
    this.tell = to.tell;
    const linesOf = (stream: Stream): Lines =>
      new Lines(lineLengthMax, (text, cut) => {
        to.seen(stream, text);
        if (!this.raw) this.put({ type: "line", stream, text, cut });
      });
    this.lines = { stdout: linesOf("stdout"), stderr: linesOf("stderr") };
  }

  /** True: read no more for now. */
  push(stream: Stream, bytes: Buffer): boolean {
    if (this.raw)
      this.put({
        type: "bytes",
        stream,
        bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length),
      });
    this.lines[stream].push(bytes);
    return this.waiting.length > 0;
  }

  /** True: read on. */
  more(count: number): boolean {
    this.credit += count;
    const ready = this.waiting.splice(0, this.credit);
    this.credit -= ready.length;
    for (const piece of ready) this.tell(piece);
    return this.waiting.length === 0;
  }

  /** No more from this stream: what stands without a line's end is a line. True: as `push`. */
  endOf(stream: Stream): boolean {
    this.lines[stream].end();
    return this.waiting.length > 0;
  }

  /** There comes no more: all that waits is told, whatever credit there is. */
  end(): void {
    this.lines.stdout.end();
    this.lines.stderr.end();
    for (const piece of this.waiting.splice(0)) this.tell(piece);
  }

  private put(piece: Piece): void {
    if (this.credit === 0) return void this.waiting.push(piece);
    this.credit -= 1;
    this.tell(piece);
  }
}
