import { actor, child, supervisor, unikernel, type ProtocolOf, type Ref, type Self } from "motes";

/**
 * A shard: one VM that owns a part of the keys. Two actors under a supervisor: `table` holds the data and does nothing that
 * could fail; `store` does the work and may crash without losing a key.
 */
export const table = actor({
  label: "table",
  init: () => new Map<string, string>(),
  call: {
    get: (keys, key: string) => keys.get(key),
    put: (keys, key: string, value: string) => void keys.set(key, value),
    remove: (keys, key: string) => keys.delete(key),
    size: (keys) => keys.size,
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
    *put(state, key: string, value: string) {
      state.operations++;
      yield* state.self.call(state.to, "put", key, value);
    },
    *remove(state, key: string) {
      state.operations++;
      return yield* state.self.call(state.to, "remove", key);
    },
    *count({ self, to, operations }) {
      return { keys: yield* self.call(to, "size"), operations };
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

const tableSpec = child(table, []);

/** The root of a shard's VM. */
export const shard = supervisor({
  label: "shard",
  strategy: "rest_for_one",
  intensity: { restarts: 5, withinMs: 10_000 },
  children: { table: tableSpec, store: child(store, (siblings) => [siblings.refOf(tableSpec)]) },
});

export type Shard = ProtocolOf<typeof shard>;

export const shardVm = unikernel({ name: "shard", root: shard, watchdogMs: 1000, memoryMb: 64 });
