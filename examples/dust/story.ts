import type { CloudEvent } from "./machines.ts";

/** What the hosts have said, and when. Whoever waits for something waits until it is said, or can never be. */
export class Story {
  private readonly told: { readonly host: string; readonly event: CloudEvent; readonly atMs: number }[] = [];
  private readonly now: () => number;
  private readonly waiting = new Set<() => void>();
  private failure: Error | undefined = undefined;

  constructor(now: () => number) {
    this.now = now;
  }

  /** Who was last said to lead. */
  get leader(): string | undefined {
    return this.told.findLast(({ event }) => event.type === "leading")?.event.host;
  }

  hear(host: string, event: CloudEvent): void {
    this.told.push({ host, event, atMs: this.now() });
    this.wake();
  }

  /** It does not go on. */
  fail(problem: Error): void {
    this.failure ??= problem;
    this.wake();
  }

  /** When that was first said after that time. Rejects if it does not go on. */
  async when(type: string, afterMs: number, host?: string): Promise<number> {
    for (;;) {
      const found = this.told.find(
        ({ event, atMs }) =>
          event.type === type && atMs > afterMs && (host === undefined || event.host === host),
      );
      if (found !== undefined) return found.atMs;
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => this.waiting.add(resolve));
    }
  }

  private wake(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }
}
