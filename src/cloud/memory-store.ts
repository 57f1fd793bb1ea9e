import { type CloudStore, isOf, type PutOutcome, type StoreEntry } from "./store.ts";

interface Watch {
  readonly of: string;
  readonly hear: (entry: StoreEntry) => void;
}

/** A store in this process's memory: for a cloud on one host, and below a simulated network. `defer` calls later, in order. */
export class MemoryStore implements CloudStore {
  private readonly entries = new Map<string, StoreEntry>();
  private readonly watches = new Set<Watch>();
  private readonly defer: (work: () => void) => void;
  private revisions = 0;

  constructor(defer: (work: () => void) => void) {
    this.defer = defer;
  }

  put(key: string, value: unknown, expected: number, done: (outcome: PutOutcome) => void): void {
    const outcome = this.write(key, value, expected);
    this.defer(() => done(outcome));
  }

  /** At once. */
  write(key: string, value: unknown, expected: number): PutOutcome {
    const present = this.entries.get(key);
    if ((present?.revision ?? 0) !== expected) return { type: "conflict", entry: present };
    const entry = { key, value, revision: ++this.revisions };
    this.entries.set(key, entry);
    for (const watch of this.watches)
      if (isOf(key, watch.of))
        this.defer(() => {
          if (this.watches.has(watch)) watch.hear(entry);
        });
    return { type: "stored", revision: entry.revision };
  }

  watch(of: string, hear: (entry: StoreEntry) => void, caughtUp: () => void): () => void {
    const watch = { of, hear };
    this.watches.add(watch);
    const present = this.list(of);
    this.defer(() => {
      if (!this.watches.has(watch)) return;
      for (const entry of present) hear(entry);
      caughtUp();
    });
    return () => this.watches.delete(watch);
  }

  private list(of: string): readonly StoreEntry[] {
    return [...this.entries.values()].filter(({ key }) => isOf(key, of));
  }
}
