import { patienceMs } from "./eventually.ts";
import type { HostLog, LogLine } from "../../src/index.ts";

export interface Entry extends LogLine {
  readonly vm: string;
}

/** A host's log, kept, and awaited: `line` answers as soon as there is one that matches, now or later. */
export class Journal implements HostLog {
  readonly entries: Entry[] = [];
  private readonly waits = new Set<() => void>();

  line(vm: string, line: LogLine): void {
    this.entries.push({ vm, ...line });
    for (const look of this.waits) look();
  }

  /** The text of all lines of one VM. */
  of(vm: string): readonly string[] {
    return this.entries.filter((entry) => entry.vm === vm).map(({ text }) => text);
  }

  matching(text: RegExp): readonly Entry[] {
    return this.entries.filter((entry) => text.test(entry.text));
  }

  until(text: RegExp, deadlineMs = patienceMs): Promise<Entry> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const entry = this.entries.find((each) => text.test(each.text));
        if (entry === undefined) return;
        clearTimeout(timer);
        this.waits.delete(look);
        resolve(entry);
      };
      const timer = setTimeout(() => {
        this.waits.delete(look);
        const said = this.entries.map((entry) => `${entry.vm}: ${entry.text}`).join("\n");
        reject(new Error(`no line like ${text} within ${deadlineMs} ms; there is:\n${said}`));
      }, deadlineMs);
      this.waits.add(look);
      look();
    });
  }
}
