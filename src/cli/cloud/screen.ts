/** What is written to: where the output is a terminal, a table stays at its foot, and lines pass above it. It owns the foot. */
export interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

export class Screen {
  readonly isLive: boolean;
  private readonly terminal: Terminal;
  private foot = "";

  constructor(terminal: Terminal) {
    this.terminal = terminal;
    this.isLive = terminal.isTTY === true;
  }

  line(text: string): void {
    const { foot } = this;
    this.clear();
    this.terminal.write(`${text}\n`);
    this.draw(() => foot);
  }

  /** In the place of the foot that was there. Where the output is no terminal it is not even made. */
  draw(made: () => string): void {
    if (!this.isLive) return;
    const foot = made();
    if (foot === this.foot) return;
    this.clear();
    this.foot = foot;
    this.terminal.write(`${foot}\n`);
  }

  private clear(): void {
    if (this.foot === "") return;
    // Up as many lines as it has, and all below is gone.
    this.terminal.write(`\x1b[${this.foot.split("\n").length}A\x1b[J`);
    this.foot = "";
  }
}
