import type { Call, ChildInfo, Host, ProtocolOf, Ref } from "motes";
import type { kv } from "../kv/app.ts";
import { dim, say } from "./print.ts";

export type Kv = ProtocolOf<typeof kv>;

/** One child in the supervision tree, as it is now. */
export interface Place {
  /** `shard-1`, `shard-1/store`. */
  readonly path: string;
  /** Which life of it this is. */
  readonly incarnation: string;
  /** The VM it lives in. */
  readonly vm: number;
}

type Looked = Call<"whichChildren", readonly [], readonly ChildInfo[]>;

const answerMs = 1000;
/** Between two looks. */
const againMs = 2;

/** The service's supervision tree over all its VMs, seen from the host. */
export class Tree {
  private readonly host: Host;
  private readonly root: Ref<Kv>;

  constructor(host: Host, root: Ref<Kv>) {
    this.host = host;
    this.root = root;
  }

  /** All of it. Fails while a part of it is away. */
  async look(): Promise<readonly Place[]> {
    const places: Place[] = [];
    for (const place of await this.childrenOf(this.root, "")) {
      places.push(place, ...(await this.childrenOf(await this.supervisorOf(place.path), `${place.path}/`)));
    }
    return places;
  }

  /** Waits until `path` is another incarnation than before. False: it did not come back within `limitMs`. */
  async untilNew(before: readonly Place[], path: string, limitMs: number): Promise<boolean> {
    const old = before.find((place) => place.path === path)?.incarnation;
    const [parent = "", child] = path.split("/");
    for (const startMs = performance.now(); performance.now() - startMs < limitMs; ) {
      try {
        const siblings =
          child === undefined
            ? await this.childrenOf(this.root, "")
            : await this.childrenOf(await this.supervisorOf(parent), `${parent}/`);
        if (siblings.some((place) => place.path === path && place.incarnation !== old)) return true;
      } catch {
        // A part of the tree is away: that is what is being waited for.
      }
      await this.host.self.sleep(againMs);
    }
    return false;
  }

  private async childrenOf(supervisor: Ref<Looked>, prefix: string): Promise<readonly Place[]> {
    const children = await this.host.self.callWithin(answerMs, supervisor, "whichChildren");
    return children.toReversed().map(({ id, incarnation }) => {
      if (incarnation === undefined) throw new Error(`${prefix}${id} is away`);
      return { path: `${prefix}${id}`, incarnation: incarnation.toString(), vm: incarnation.vm };
    });
  }

  /** The supervisor that is the root of a VM of the service. */
  private async supervisorOf(id: string): Promise<Ref<Looked>> {
    const refs = await this.host.self.callWithin(answerMs, this.root, "children");
    const ref = id === "front" ? refs.front : refs[shardId(Number(id.slice("shard-".length)))];
    if (ref === undefined) throw new Error(`there is no ${id}`);
    return ref;
  }
}

export const shardId = (shard: number): `shard-${number}` => `shard-${shard}`;

/** The places whose incarnation is another one now. */
export function restarted(before: readonly Place[], after: readonly Place[]): readonly Place[] {
  return after.filter(
    ({ path, incarnation }) => before.find((place) => place.path === path)?.incarnation !== incarnation,
  );
}

export function sayTree(places: readonly Place[], rootVm: number): void {
  say(`  ${"kv".padEnd(14)}${dim(`VM ${rootVm}`)}`);
  const vms = places.filter(({ path }) => !path.includes("/"));
  for (const { path, vm } of vms) {
    const last = path === vms.at(-1)?.path;
    const children = places.filter((place) => place.path.startsWith(`${path}/`));
    const actors = children.map((place) => place.path.slice(path.length + 1)).join(", ");
    say(`  ${dim(last ? "`-" : "|-")} ${path.padEnd(11)}${dim(`VM ${vm}   ${actors}`)}`);
  }
}
