import type { AnyImage } from "../image/image.ts";
import type { Blank, BlankSpec, Target } from "../targets/target.ts";
import { checkWarm } from "./boot-options.ts";
import type { WarmOptions } from "./host-options.ts";
import { defaultMemoryMb } from "./life.ts";

/** Ends in a row before it gives up. */
const failuresMax = 3;

/**
 * Keeps some blanks of one kind ready, so that a boot need not wait for the machinery of its VM. It is filled in the background, one at a
 * time, and only when no boot is under way. Those that end by themselves are replaced; a target that cannot make any is left alone.
 */
export class WarmPool {
  readonly spec: BlankSpec;
  private readonly make: () => Blank;
  private readonly size: number;
  private readonly gaveUp: (why: unknown) => void;
  private readonly blanks = new Set<Blank>();
  private filling: Promise<void> | undefined = undefined;
  private failures = 0;
  private closed = false;
  private image: AnyImage | undefined = undefined;

  constructor(
    make: (spec: BlankSpec) => Blank,
    spec: BlankSpec,
    size: number,
    gaveUp: (why: unknown) => void,
  ) {
    this.spec = spec;
    this.make = () => make(spec);
    this.size = size;
    this.gaveUp = gaveUp;
  }

  /** Of those that are ready. */
  get count(): number {
    return this.blanks.size;
  }

  /** For a boot of this image; undefined: there is none ready, or none that fits. Fill it again when the boot is done. */
  take({ memoryMb, env }: BlankSpec): Blank | undefined {
    if (memoryMb !== this.spec.memoryMb || env !== this.spec.env) return undefined;
    const [blank] = this.blanks;
    if (blank !== undefined) this.blanks.delete(blank);
    return blank;
  }

  /** Up to its size; each reads this image in advance, or the last one. Resolves when it is full, or cannot be. Never rejects. */
  fill(image?: AnyImage): Promise<void> {
    this.image = image ?? this.image;
    this.filling ??= this.addAll().finally(() => {
      this.filling = undefined;
    });
    return this.filling;
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.filling;
    await Promise.all([...this.blanks].map((blank) => blank.close()));
    this.blanks.clear();
  }

  private async addAll(): Promise<void> {
    while (!this.closed && this.blanks.size < this.size && this.failures < failuresMax) await this.add();
  }

  private async add(): Promise<void> {
    try {
      const blank = this.make();
      if (this.image !== undefined) blank.load(this.image);
      await blank.ready;
      this.failures = 0;
      this.blanks.add(blank);
      void blank.ended.then(() => {
        if (this.blanks.delete(blank) && !this.closed) void this.fill();
      });
    } catch (problem) {
      if (++this.failures === failuresMax) this.gaveUp(problem);
    }
  }
}

/** A host's, which is being filled; undefined if nobody wants one, or its target has no blanks. Throws `BAD_OPTION`. */
export function warmPool(
  { name, blank }: Target,
  options: WarmOptions | undefined,
  warn: (text: string) => void,
): WarmPool | undefined {
  if (options === undefined) return undefined;
  const { vms, memoryMb = defaultMemoryMb, env = false } = checkWarm(options);
  const gaveUp = (why: unknown): void => warn(`no VMs are kept ready: ${String(why)}`);
  if (blank === undefined) {
    gaveUp(`the target "${name}" has no blanks`);
    return undefined;
  }
  const pool = new WarmPool(blank, { memoryMb, env }, vms, gaveUp);
  void pool.fill();
  return pool;
}
