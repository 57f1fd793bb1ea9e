/** Above it, in characters, a line is not kept: nobody who keeps to the protocol writes one. */
const lineMax: number = 2 ** 20;

/**
 * Cuts what comes through a pipe into lines. Bounded: a line that does not end is handed over in pieces, so that nobody fills the
 * memory of who listens.
 */
export class TextLines {
  private rest = "";
  private readonly decoder = new TextDecoder();
  private readonly line: (text: string) => void;

  constructor(line: (text: string) => void) {
    this.line = line;
  }

  push(bytes: Uint8Array): void {
    const text = this.rest + this.decoder.decode(bytes, { stream: true });
    const lines = text.split("\n");
    this.rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") this.line(line);
    if (this.rest.length > lineMax) this.end();
  }

  /** Hands over what has no end yet. */
  end(): void {
    const { rest } = this;
    this.rest = "";
    if (rest !== "") this.line(rest);
  }
}

/** A value as one line of JSON; what JSON does not know is written as text. Undefined: it cannot be written, or is too long. */
export function asLine(value: unknown): string | undefined {
  try {
    const text = JSON.stringify(value, printable);
    return text.length > lineMax ? undefined : text;
  } catch {
    return undefined;
  }
}

/** The value of a line; undefined if it is no JSON. */
export function fromLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function printable(key: string, value: unknown): unknown {
  if (typeof value === "bigint" || typeof value === "symbol") return String(value);
  if (value instanceof Map || value instanceof Set) return [...value];
  // Kept, since a reason has it or is none.
  return key === "detail" && value === undefined ? null : value;
}
