/**
 * Where leases are kept: keys with a value and a revision, changed by compare-and-set and by nothing else. A store decides who wins and
 * knows nothing of time: who may still act is worked out by holders and candidates, each by its own clock (`lease.ts`). A read may be
 * old; a write is done or it is not.
 *
 * Invariant: each write has a greater revision than all before it, of any key. A revision is what makes a fencing token.
 */
export interface LeaseStore {
  /** What was there at some moment after the call. Undefined: nothing is, or it was deleted, or it has expired. */
  get(key: string): Promise<LeaseEntry | undefined>;
  /** Done only if nothing is there. */
  create(key: string, value: string): Promise<LeaseWrite>;
  /** Done only if what is there has this revision. */
  update(key: string, value: string, revision: number): Promise<LeaseWrite>;
  /** As `update`: from then on nothing is there. */
  delete(key: string, revision: number): Promise<LeaseWrite>;
  /**
   * Tells what is there now and what comes to be, as it comes; what expires is not told. It may fall silent, and then tell the newest:
   * it saves a candidate time, and nobody may rely on it. Returns how to stop it.
   */
  watch(key: string, tell: (change: LeaseChange) => void): () => void;
  /** Ends what it holds open. What is under way rejects. */
  close(): Promise<void>;
}

export interface LeaseEntry {
  readonly value: string;
  readonly revision: number;
}

export interface LeaseChange {
  /** Of the write, or of the deletion. */
  readonly revision: number;
  /** Undefined: it was deleted. */
  readonly value: string | undefined;
}

/**
 * What became of a write. `conflict`: it was not done, since something else is there. Where the answer got lost the promise rejects, with
 * `LEASE_STORE`: it may have been done, or may be yet.
 */
export type LeaseWrite = { readonly type: "done"; readonly revision: number } | { readonly type: "conflict" };
