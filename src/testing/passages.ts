/** From one host to another, by their names: when nothing gets through. */
interface Passage {
  sinceMs: number;
  untilMs: number;
}

/** What is cut of the network between hosts, each direction for itself. It outlives the hosts' lives. */
export class Passages {
  private readonly passages = new Map<string, Passage>();

  of(from: string, to: string): Readonly<Passage> {
    return this.made(from, to);
  }

  /** Until when it is cut then. */
  cut(from: string, to: string, nowMs: number, forMs: number): number {
    const passage = this.made(from, to);
    if (passage.untilMs <= nowMs) passage.sinceMs = nowMs;
    passage.untilMs = Math.max(passage.untilMs, nowMs + forMs);
    return passage.untilMs;
  }

  heal(): void {
    for (const passage of this.passages.values()) passage.untilMs = 0;
  }

  private made(from: string, to: string): Passage {
    const key = `${from}>${to}`;
    let passage = this.passages.get(key);
    if (passage === undefined) {
      passage = { sinceMs: 0, untilMs: 0 };
      this.passages.set(key, passage);
    }
    return passage;
  }
}
