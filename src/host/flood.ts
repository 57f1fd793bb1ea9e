import { limits } from "../../kernel/index.ts";
import type { LogLine } from "../targets/target.ts";

const windowMs = 1000;

/**
 * What one VM may ask of its host beside the rings in a second: lines of the log, and wishes for rings. What is above is not done and
 * counted, and the count is told: nothing is dropped silently. One that goes on far beyond is to be killed, since even refusing takes
 * the host's time.
 */
export class Flood {
  private readonly write: (line: LogLine) => void;
  private readonly drown: () => void;
  private startMs = 0;
  private lines = 0;
  private connects = 0;
  private stray = 0;
  private droppedLines = 0;
  private timer: NodeJS.Timeout | undefined = undefined;

  /** `drown` is called once it is too much. */
  constructor(write: (line: LogLine) => void, drown: () => void) {
    this.write = write;
    this.drown = drown;
  }

  log(line: LogLine): void {
    this.turn();
    if (++this.lines <= limits.logLinesPerSecond) return this.write(line);
    if (this.droppedLines++ === 0) {
      this.write({
        level: "warn",
        text: `more than ${limits.logLinesPerSecond} lines in a second: the rest is dropped`,
      });
      this.timer = setTimeout(() => this.turn(), windowMs).unref();
    }
    this.judge();
  }

  /** False: this one is not to be heard. `there`: the VM that it leads to is. */
  mayConnect(there: boolean): boolean {
    this.turn();
    this.connects++;
    this.judge();
    if (there || ++this.stray <= limits.strayConnectsPerSecond) return true;
    if (this.stray === limits.strayConnectsPerSecond + 1) {
      const text = `refused: more than ${limits.strayConnectsPerSecond} ways in a second to VMs that are not there`;
      this.write({ level: "warn", text, details: { code: "VM_FLOODS" } });
    }
    return false;
  }

  /** Tells what was dropped and is not told yet. */
  close(): void {
    clearTimeout(this.timer);
    const { droppedLines } = this;
    this.droppedLines = 0;
    if (droppedLines > 0) this.write({ level: "warn", text: `${droppedLines} lines were dropped` });
  }

  private turn(): void {
    const nowMs = performance.now();
    if (nowMs - this.startMs < windowMs) return;
    this.close();
    this.startMs = nowMs;
    this.lines = 0;
    this.connects = 0;
    this.stray = 0;
  }

  private judge(): void {
    if (this.lines + this.connects === limits.floodPerSecond) this.drown();
  }
}
