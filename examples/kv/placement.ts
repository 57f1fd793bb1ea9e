import xxhash from "xxhash-wasm";

/** Which of `shards` shards owns a key: the shard with the highest hash of both (rendezvous), so that few keys move when one is added. */
export async function placement(shards: number): Promise<(key: string) => number> {
  const { h32 } = await xxhash();
  return (key) => {
    let best = 0;
    let highest = -1;
    for (let shard = 0; shard < shards; shard++) {
      const weight = h32(key, shard);
      if (weight <= highest) continue;
      highest = weight;
      best = shard;
    }
    return best;
  };
}
