import { supervisor, unikernel, vm } from "motes";
import { hostname, port, shards } from "./app.keys.ts";
import { frontVm } from "./front.ts";
import { shardVm } from "./shard.ts";

/**
 * An HTTP key-value service as a tree over several VMs: one front that listens, shards that own the keys. Keys live in memory:
 * what a shard's VM held is gone when the VM dies, and only that.
 *
 *     kv (this VM)
 *     |-- shard-0   VM: shard - table, store
 *     |-- shard-1   VM: shard - table, store
 *     |-- ...
 *     `-- front     VM: front - http
 */
export interface KvOptions {
  readonly shards: number;
  /** 0: any free port. */
  readonly port: number;
  readonly hostname: string;
  /** What one shard holds at the most. Default: 32 MiB, half of its VM's memory. */
  readonly shardBytesMax?: number;
}

const mebibyte = 1024 * 1024;

export const kv = supervisor(
  (_self, { shards, port, hostname, shardBytesMax = 32 * mebibyte }: KvOptions) => {
    const shardSpecs = Array.from({ length: shards }, (_, index) =>
      vm(shardVm, [shardBytesMax], { name: `shard-${index}`, shutdown: 2000 }),
    );
    // It is given the shards' stable addresses, so a shard that comes back needs no word to the front.
    const front = vm(
      frontVm,
      (siblings) => [
        { port, hostname, valueBytesMax: mebibyte },
        shardSpecs.map((spec) => siblings.refOf(spec)),
      ],
      { name: "front", shutdown: 2000 },
    );
    return {
      // One budget for all VMs: above it something is wrong that restarts do not mend, and the service ends.
      intensity: { restarts: 10, withinMs: 10_000 },
      children: [
        ...shardSpecs.map((spec, index) => [`shard-${index}`, spec] as const),
        ["front", front] as const,
      ],
    };
  },
  { label: "kv" },
);

export default unikernel({
  root: kv,
  args: [{ shards, port, hostname }],
  vms: [shardVm, frontVm],
});
