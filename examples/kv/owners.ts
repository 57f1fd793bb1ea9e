import type { Ref, Self } from "motes";
import { placement } from "./placement.ts";
import type { Shard, Store, Value } from "./shard.ts";

const callTimeoutMs = 1000;

/** The shards as the front sees them: asks the store that owns a key. Fails with a `MotesError` while that shard is away. */
export class Owners {
  private readonly self: Self<never>;
  private readonly shards: readonly Ref<Shard>[];
  private readonly placeOf: (key: string) => number;
  /** The store in each shard's VM. Its address follows it over restarts for as long as that VM lives. */
  private readonly stores: (Ref<Store> | undefined)[] = [];

  private constructor(self: Self<never>, shards: readonly Ref<Shard>[], placeOf: (key: string) => number) {
    this.self = self;
    this.shards = shards;
    this.placeOf = placeOf;
  }

  static async of(self: Self<never>, shards: readonly Ref<Shard>[]): Promise<Owners> {
    return new Owners(self, shards, await placement(shards.length));
  }

  /** Undefined: there is no such key. */
  async get(key: string): Promise<Value | undefined> {
    return this.ask(key, (store) => this.self.callWithin(callTimeoutMs, store, "get", key));
  }

  /** False: its shard is full. */
  async put(key: string, value: Value): Promise<boolean> {
    return this.ask(key, (store) => this.self.callWithin(callTimeoutMs, store, "put", key, value));
  }

  /** False: there is no such key. */
  async remove(key: string): Promise<boolean> {
    return this.ask(key, (store) => this.self.callWithin(callTimeoutMs, store, "remove", key));
  }

  private async ask<R>(key: string, question: (store: Ref<Store>) => PromiseLike<R>): Promise<R> {
    const shard = this.placeOf(key);
    try {
      return await question(this.stores[shard] ?? (await this.find(shard)));
    } catch (problem) {
      // It may have gone with its VM; then the next one is asked for.
      this.stores[shard] = undefined;
      throw problem;
    }
  }

  private async find(shard: number): Promise<Ref<Store>> {
    const supervisor = this.shards[shard];
    if (supervisor === undefined) throw new Error(`no shard ${shard}`);
    const { store } = await this.self.callWithin(callTimeoutMs, supervisor, "children");
    this.stores[shard] = store;
    return store;
  }
}
