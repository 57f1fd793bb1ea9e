import { fileURLToPath } from "node:url";
import { bundle, createHost, type Host, type HostLog, type Ref, type RunningVm } from "motes";
import type app from "../kv/app.ts";
import { placement } from "../kv/placement.ts";
import type { Store } from "../kv/shard.ts";
import { shardId, type Kv } from "./tree.ts";

/** `examples/kv`, booted on a host of its own. */
export interface Service {
  readonly host: Host;
  readonly vm: RunningVm<Kv>;
  /** Where it listens. */
  readonly port: number;
  readonly bundledMs: number;
  /** From `boot` to the last VM's ready. */
  readonly readyMs: number;
}

export const hostname = "127.0.0.1";
export const shards = 4;

/** Fails with `VM_START_FAILED` if the port is in use; then nothing is left of it. */
export async function startService(log: HostLog, port: number): Promise<Service> {
  const host = createHost({ log });
  try {
    const startMs = performance.now();
    const image = await bundle<typeof app>(fileURLToPath(new URL("../kv/app.js", import.meta.url)));
    const bundledMs = performance.now() - startMs;
    const vm = await host.boot(image, { name: "kv", args: [{ shards, port, hostname }] });
    const readyMs = performance.now() - startMs - bundledMs;
    return { host, vm, port: await portOf(host, vm.root), bundledMs, readyMs };
  } catch (problem) {
    await host.stop();
    throw problem;
  }
}

async function portOf({ self }: Host, root: Ref<Kv>): Promise<number> {
  const { front } = await self.call(root, "children");
  const { http } = await self.call(front, "children");
  return self.call(http, "port");
}

/** The address of a shard's store, which follows it over restarts for as long as its VM lives. */
export async function storeOf({ host, vm }: Service, shard: number): Promise<Ref<Store>> {
  const supervisor = (await host.self.call(vm.root, "children"))[shardId(shard)];
  if (supervisor === undefined) throw new Error(`there is no shard ${shard}`);
  return (await host.self.call(supervisor, "children")).store;
}

/** `count` keys that begin with `prefix` for each shard, found the way the front finds them. */
export async function keysOfShards(prefix: string, count: number): Promise<readonly (readonly string[])[]> {
  const placeOf = await placement(shards);
  const keysOf: string[][] = Array.from({ length: shards }, () => []);
  for (let n = 0; keysOf.some(({ length }) => length < count); n++) {
    const keys = keysOf[placeOf(`${prefix}-${n}`)];
    if (keys !== undefined && keys.length < count) keys.push(`${prefix}-${n}`);
  }
  return keysOf;
}
