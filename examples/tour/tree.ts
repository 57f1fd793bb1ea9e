import type { Call, ChildInfo, Host, ProtocolOf, Ref } from "motes";
import type { kv } from "../kv/app.ts";

/** One child in the supervision tree, as it is now. */
export interface Place {
  /** `shard-1`, `shard-1/store`. */
  readonly path: string;
  /** Which life of it this is. */
  readonly incarnation: string;
  /** The VM it lives in. */
  readonly vm: number;
}

const answerMs = 1000;
const againMs = 5;

/** The whole tree of the service, over all its VMs. Fails while a part of it is away. */
export async function look(host: Host, root: Ref<ProtocolOf<typeof kv>>): Promise<readonly Place[]> {
  const { self } = host;
  const places: Place[] = [];
  const vms = await self.callWithin(answerMs, root, "whichChildren");
  const refs = await self.callWithin(answerMs, root, "children");
  for (const { id, incarnation } of vms.toReversed()) {
    if (incarnation === undefined) throw new Error(`${id} is away`);
    places.push({ path: id, incarnation: incarnation.toString(), vm: incarnation.vm });
    const children = await childrenOf(host, id === "front" ? refs.front : refs[shardId(id)]);
    for (const child of children.toReversed()) {
      if (child.incarnation === undefined) throw new Error(`${id}/${child.id} is away`);
      const { vm } = child.incarnation;
      places.push({ path: `${id}/${child.id}`, incarnation: child.incarnation.toString(), vm });
    }
  }
  return places;
}

type Looked = Call<"whichChildren", readonly [], readonly ChildInfo[]>;

async function childrenOf(
  { self }: Host,
  supervisor: Ref<Looked> | undefined,
): Promise<readonly ChildInfo[]> {
  if (supervisor === undefined) throw new Error("away");
  return self.callWithin(answerMs, supervisor, "whichChildren");
}

const shardId = (id: string): `shard-${number}` => `shard-${Number(id.slice("shard-".length))}`;

/** Looks until `path` is another incarnation than before. Undefined: it did not come back within `limitMs`. */
export async function lookForNew(
  host: Host,
  root: Ref<ProtocolOf<typeof kv>>,
  before: readonly Place[],
  path: string,
  limitMs: number,
): Promise<readonly Place[] | undefined> {
  const old = before.find((place) => place.path === path)?.incarnation;
  for (const startMs = performance.now(); performance.now() - startMs < limitMs; ) {
    try {
      const now = await look(host, root);
      if (now.some((place) => place.path === path && place.incarnation !== old)) return now;
    } catch {
      // A part of the tree is away: that is what is being waited for.
    }
    await host.self.sleep(againMs);
  }
  return undefined;
}

/** The places whose incarnation is another one now. */
export function restarted(before: readonly Place[], after: readonly Place[]): readonly Place[] {
  return after.filter(
    ({ path, incarnation }) => before.find((place) => place.path === path)?.incarnation !== incarnation,
  );
}
