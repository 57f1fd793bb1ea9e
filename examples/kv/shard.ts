import { actor, child, supervisor, unikernel, type ProtocolOf, type Ref, type Self } from "motes";

/**
 * A shard: one VM that owns a part of the keys. Two actors under a supervisor: `table` holds the data and does nothing that
 * could fail; `store` does the work and may crash without losing a key.
 */
export type Value = Uint8Array;

/** What a table is made of. */
export interface Held {
  readonly values: Map<string, Value>;
  readonly bytesMax: number;
  /** Of keys and values together, as `sizeOf` counts them. */
  bytes: number;
}

/** An entry costs more than its letters. */
const entryBytes = 64;
const sizeOf = (key: string, value: Value | undefined): number =>
  value === undefined ? 0 : entryBytes + 2 * key.length + value.length;

export const table = actor({
  label: "table",
  init: (_self: Self<never>, bytesMax: number): Held => ({ values: new Map(), bytesMax, bytes: 0 }),
  call: {
    get: ({ values }, key: string) => values.get(key),
    /** False: there is no room for it, and what was there before still is. */
    put: (held, key: string, value: Value) => {
      const bytes = held.bytes - sizeOf(key, held.values.get(key)) + sizeOf(key, value);
      if (bytes > held.bytesMax) return false;
      held.values.set(key, value);
      held.bytes = bytes;
      return true;
    },
    /** False: it was not there. */
    remove: (held, key: string) => {
      held.bytes -= sizeOf(key, held.values.get(key));
      return held.values.delete(key);
    },
    size: ({ values, bytes }) => ({ keys: values.size, bytes }),
  },
});

export type Table = ProtocolOf<typeof table>;

export const store = actor({
  label: "store",
  init: (self: Self<never>, to: Ref<Table>) => ({ self, to, operations: 0 }),
  call: {
    *get(state, key: string) {
      state.operations++;
      return yield* state.self.call(state.to, "get", key);
    },
    *put(state, key: string, value: Value) {
      state.operations++;
      return yield* state.self.call(state.to, "put", key, value);
    },
    *remove(state, key: string) {
      state.operations++;
      return yield* state.self.call(state.to, "remove", key);
    },
    /** `operations`: since it was last restarted. */
    *count({ self, to, operations }) {
      return { ...(yield* self.call(to, "size")), operations };
    },
  },
  cast: {
    /** For the tour: a bug in the code of this actor. */
    crash: () => {
      throw new Error("a bug in the store");
    },
    /** For the tour: a loop that never ends, which takes the whole VM's vCPU. */
    wedge: () => {
      for (;;);
    },
  },
});

export type Store = ProtocolOf<typeof store>;

/**
 * The root of a shard's VM. `rest_for_one`: a crash of the store restarts the store; should the table ever end, then the store
 * is started anew as well, so that it never works on a table that it does not know.
 */
export const shard = supervisor(
  (_self, bytesMax: number) => {
    const tableSpec = child(table, [bytesMax]);
    return {
      strategy: "rest_for_one",
      intensity: { restarts: 5, withinMs: 10_000 },
      children: { table: tableSpec, store: child(store, (siblings) => [siblings.refOf(tableSpec)]) },
    };
  },
  { label: "shard" },
);

export type Shard = ProtocolOf<typeof shard>;

export const shardVm = unikernel({ name: "shard", root: shard, watchdogMs: 1000, memoryMb: 64 });
