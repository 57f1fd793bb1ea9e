/**
 * What a cloud needs of a store: values by key, each with a revision, written by compare and set, and heard of in order. A key-value bucket
 * of NATS JetStream is one; on one host the process's own memory is. Values are plain data, and nobody changes them.
 *
 * `done` is called once, and in the end always. Neither it nor `hear` is called from within `put` or `watch`.
 */
export interface CloudStore {
  /** Writes if the key's revision is still `expected`; 0: if there is no such key yet. */
  put(key: string, value: unknown, expected: number, done: (outcome: PutOutcome) => void): void;
  /**
   * One key, or all that begin with what ends in a dot: those that are there, then `caughtUp`, then each change. What is there may be old, but
   * not older than the last write through this store that was `stored` before. Answers what ends it.
   */
  watch(of: string, hear: (entry: StoreEntry) => void, caughtUp: () => void): () => void;
}

export interface StoreEntry {
  readonly key: string;
  readonly value: unknown;
  /** From 1; larger at each change. */
  readonly revision: number;
}

export type PutOutcome =
  | { readonly type: "stored"; readonly revision: number }
  /** What is there instead; undefined: no such key. */
  | { readonly type: "conflict"; readonly entry: StoreEntry | undefined }
  /** It may have been written, or not. */
  | { readonly type: "unavailable" };

/** What a watch of `of` hears of. */
export const isOf = (key: string, of: string): boolean =>
  of.endsWith(".") ? key.startsWith(of) : key === of;
