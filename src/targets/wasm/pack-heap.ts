import type { HeapWords } from "./heap-words.ts";

/** What one VM of a pack holds of the heap, by what its turns have made of it. */
export interface Share {
  /** Its limit. */
  readonly limitBytes: number;
  heldBytes: number;
  /** What its turns have added since cycles were last looked for. */
  grownBytes: number;
}

/** A heap grows so much at least before cycles are looked for again. */
const patienceBytes = 4 * 1024 * 1024;

/**
 * One heap that many VMs share, and what each of them holds of it. They run one at a time, so that what a turn adds and frees is of the VM whose
 * turn it is, exactly; but for what only the search for cycles frees, which nobody can tell whose it was: it is credited to all
 * in proportion to what they have added since the last one. So a share is an estimate, too high rather than too low for whoever leaves
 * cycles behind, and their sum is right.
 */
export class PackHeap {
  private readonly words: HeapWords;
  private readonly shares = new Set<Share>();
  private readonly collect: () => void;
  /** What is nobody's: the code. */
  private readonly baseBytes: number;
  private startBytes = 0;
  private collectAtBytes: number;

  /** `collect` looks for cycles. */
  constructor(words: HeapWords, collect: () => void) {
    this.words = words;
    this.collect = collect;
    collect();
    this.baseBytes = words.sizeBytes;
    this.collectAtBytes = this.baseBytes + patienceBytes;
  }

  join(limitBytes: number): Share {
    const share: Share = { limitBytes, heldBytes: 0, grownBytes: 0 };
    this.shares.add(share);
    return share;
  }

  leave(share: Share): void {
    this.shares.delete(share);
  }

  /** A turn begins: how large the heap may become. */
  begin({ limitBytes, heldBytes }: Share): number {
    const { words } = this;
    this.startBytes = words.sizeBytes;
    const roomBytes = Math.max(0, limitBytes - heldBytes);
    words.bePatient(roomBytes);
    return this.startBytes + roomBytes;
  }

  /** A turn is over. */
  end(share: Share): void {
    const { sizeBytes } = this.words;
    const added = sizeBytes - this.startBytes;
    share.heldBytes = Math.max(0, share.heldBytes + added);
    share.grownBytes += Math.max(0, added);
    const { limitBytes, heldBytes, grownBytes } = share;
    const suspect = heldBytes > limitBytes / 2 && grownBytes > limitBytes / 8;
    if (suspect || sizeBytes > this.collectAtBytes) this.settle();
  }

  private settle(): void {
    this.collect();
    const { sizeBytes } = this.words;
    this.collectAtBytes = sizeBytes + Math.max(patienceBytes, sizeBytes / 2);
    let held = 0;
    let grown = 0;
    for (const { heldBytes, grownBytes } of this.shares) {
      held += heldBytes;
      grown += grownBytes;
    }
    const freed = held - (sizeBytes - this.baseBytes);
    for (const share of this.shares) {
      if (freed > 0 && grown > 0)
        share.heldBytes = Math.max(0, share.heldBytes - (freed * share.grownBytes) / grown);
      share.grownBytes = 0;
    }
  }
}
