/** What was in a store some time ago: of each key the last few values. It answers as a copy would that lags behind. */
import type { Random } from "../../testing/random.ts";
import type { StoreEntry } from "../store.ts";

const keptMax = 4;

export class Past {
  private readonly byKey = new Map<string, StoreEntry[]>();
  /** Those of which more was there than is kept. */
  private readonly cut = new Set<string>();
  private revision = 0;

  wrote(entry: StoreEntry): void {
    const { key } = entry;
    this.revision = entry.revision;
    const kept = this.byKey.get(key);
    if (kept === undefined) return void this.byKey.set(key, [entry]);
    kept.push(entry);
    if (kept.length <= keptMax) return;
    kept.shift();
    this.cut.add(key);
  }

  /** As of which a copy may be that has at least what was there by that revision. */
  some(least: number, random: Random): number {
    if (least >= this.revision || random.chance(0.5)) return this.revision;
    return least + random.below(this.revision - least);
  }

  /** Undefined: there was no such key yet. */
  at(key: string, revision: number): StoreEntry | undefined {
    const kept = this.byKey.get(key) ?? [];
    return kept.findLast((entry) => entry.revision <= revision) ?? (this.cut.has(key) ? kept[0] : undefined);
  }
}
