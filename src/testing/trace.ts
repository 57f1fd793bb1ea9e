/**
 * What has happened in a simulation, one line an event: virtual time in ms, the VM, what. The last lines are kept; the
 * signature is made of all of them, so two runs with one signature were the same.
 */
export class Trace {
  /** Of all lines, kept or not. */
  count = 0;
  private readonly keptMax: number;
  private kept: string[] = [];
  private older: readonly string[] = [];
  private low = 0x811c9dc5;
  private high = 0x2f0b4a27;
  private time = "0.000";

  constructor(keptMax: number) {
    this.keptMax = keptMax;
  }

  /** The time of the lines that follow. */
  at(nowMs: number): void {
    this.time = nowMs.toFixed(3);
  }

  add(who: string, what: string): void {
    const line = `${this.time} ${who} ${what}`;
    this.count++;
    let { low, high } = this;
    for (let i = 0; i < line.length; i++) {
      const code = line.charCodeAt(i);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x5bd1e995);
    }
    this.low = low ^ (low >>> 15);
    this.high = high ^ (high >>> 13);
    if (this.kept.length >= this.keptMax) {
      this.older = this.kept;
      this.kept = [];
    }
    this.kept.push(line);
  }

  /** The last lines, at least `keptMax` if there were so many. */
  get lines(): readonly string[] {
    return [...this.older, ...this.kept];
  }

  /** 16 hexadecimal digits. */
  get signature(): string {
    return hex(this.low) + hex(this.high);
  }
}

const hex = (bits: number): string => (bits >>> 0).toString(16).padStart(8, "0");
