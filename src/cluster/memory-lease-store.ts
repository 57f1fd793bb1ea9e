/**
 * Leases in the memory of one process: for a host that is alone, for tests and for the simulator. All that was opened of one `MemoryLeases` see
 * the same; they end with their process.
 */
import { clusterError } from "./errors.ts";
import type { LeaseChange, LeaseEntry, LeaseStore, LeaseWrite } from "./lease-store.ts";

type Tell = (change: LeaseChange) => void;

export class MemoryLeases {
  private readonly entries = new Map<string, LeaseEntry>();
  private readonly watchers = new Map<string, Set<Tell>>();
  private revision = 0;

  open(): LeaseStore {
    return new MemoryLeaseStore(this);
  }

  read(key: string): LeaseEntry | undefined {
    return this.entries.get(key);
  }

  /** Undefined as `expected`: nothing is there; as `value`: nothing is to be. */
  write(key: string, expected: number | undefined, value: string | undefined): LeaseWrite {
    if (this.entries.get(key)?.revision !== expected) return { type: "conflict" };
    const revision = ++this.revision;
    if (value === undefined) this.entries.delete(key);
    else this.entries.set(key, { value, revision });
    for (const tell of this.watchers.get(key) ?? []) later(tell, { revision, value });
    return { type: "done", revision };
  }

  watch(key: string, tell: Tell): () => void {
    const all = this.watchers.get(key) ?? new Set<Tell>();
    this.watchers.set(key, all);
    all.add(tell);
    const entry = this.entries.get(key);
    if (entry !== undefined) later(tell, entry);
    return () => {
      all.delete(tell);
      if (all.size === 0 && this.watchers.get(key) === all) this.watchers.delete(key);
    };
  }
}

class MemoryLeaseStore implements LeaseStore {
  private readonly leases: MemoryLeases;
  private readonly stops = new Set<() => void>();
  private closed = false;

  constructor(leases: MemoryLeases) {
    this.leases = leases;
  }

  async get(key: string): Promise<LeaseEntry | undefined> {
    return this.open().read(key);
  }

  async create(key: string, value: string): Promise<LeaseWrite> {
    return this.open().write(key, undefined, value);
  }

  async update(key: string, value: string, revision: number): Promise<LeaseWrite> {
    return this.open().write(key, revision, value);
  }

  async delete(key: string, revision: number): Promise<LeaseWrite> {
    return this.open().write(key, revision, undefined);
  }

  watch(key: string, tell: Tell): () => void {
    let open = true;
    const unwatch = this.open().watch(key, (change) => {
      if (open) tell(change);
    });
    const stop = (): void => {
      open = false;
      this.stops.delete(stop);
      unwatch();
    };
    this.stops.add(stop);
    return stop;
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const stop of this.stops) stop();
  }

  private open(): MemoryLeases {
    if (this.closed) throw clusterError("LEASE_STORE", { why: "it was closed" });
    return this.leases;
  }
}

/** After the call that it comes of has returned, as from any other store. */
const later = (tell: Tell, change: LeaseChange): void => queueMicrotask(() => tell(change));
