import { type CloudStore, isOf, type PutOutcome, type StoreEntry } from "./store.ts";

interface Watch {
  readonly of: string;
  readonly hear: (entry: StoreEntry) => void;
}

/** A store in this process's memory: for a cloud on one host, and below a simulated network. `defer` calls later, in order. */
export class MemoryStore implements CloudStore {
  private readonly entries = new Map<string, StoreEntry>();
  /** By what they are of: all keys below a dot have one name in common, up to its first dot. */
  private readonly watches = new Map<string, Set<Watch>>();
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
    this.tell(key, entry);
    const dot = key.indexOf(".");
    if (dot !== -1) this.tell(key.slice(0, dot + 1), entry);
    return { type: "stored", revision: entry.revision };
  }

  watch(of: string, hear: (entry: StoreEntry) => void, caughtUp: () => void): () => void {
    const watch = { of, hear };
    const all = this.watches.get(of) ?? new Set();
    this.watches.set(of, all.add(watch));
    const present = [...this.entries.values()].filter(({ key }) => isOf(key, of));
    this.defer(() => {
      if (!all.has(watch)) return;
      for (const entry of present) hear(entry);
      caughtUp();
    });
    return () => {
      all.delete(watch);
      if (all.size === 0 && this.watches.get(of) === all) this.watches.delete(of);
    };
  }

  private tell(of: string, entry: StoreEntry): void {
    const all = this.watches.get(of);
    if (all === undefined) return;
    for (const watch of all)
      this.defer(() => {
        if (all.has(watch)) watch.hear(entry);
      });
  }
}
