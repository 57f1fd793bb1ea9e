import type { HostLog, LogLine } from "motes";

/** A line of a VM's log, with the time it came, in ms of `performance.now`. */
export interface Entry {
  readonly atMs: number;
  readonly vm: string;
  readonly line: LogLine;
}

const entriesMax = 1000;

/** A host's log that keeps what VMs print, and what is said of them, until it is asked for. */
export class Journal implements HostLog {
  private entries: Entry[] = [];
  private readonly tell: ((entry: Entry) => void) | undefined;

  /** `tell` hears every line at once; then none is kept. */
  constructor(tell?: (entry: Entry) => void) {
    this.tell = tell;
  }

  line(vm: string, line: LogLine): void {
    const entry = { atMs: performance.now(), vm, line };
    if (this.tell !== undefined) this.tell(entry);
    else if (this.entries.length < entriesMax) this.entries.push(entry);
  }

  /** Everything since the last call. */
  take(): readonly Entry[] {
    const taken = this.entries;
    this.entries = [];
    return taken;
  }
}

/** Who says what, on one line: the first of a crash report. */
export function entryText({ vm, line }: Entry): string {
  const { actor = "", label = "", text } = line;
  const [first = ""] = text.split("\n");
  return `${[vm, `${label}${actor}`].filter((part) => part !== "").join(" ")}: ${first}`;
}
