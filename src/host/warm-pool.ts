import type { AnyImage } from "../image/image.ts";
import type { Blank, BlankSpec, Program } from "../targets/target.ts";
import { Stock } from "./stock.ts";

/** Ends in a row before it gives up. */
const failuresMax = 3;
/** After a boot, in ms: making blanks takes the machine's time just as the new VM begins to serve. */
const restMs = 50;

/** What a pool may take of its host. */
export interface PoolHost {
  /** No boot is under way, and the host's memory has room for one more blank of so many MiB. */
  mayAdd(memoryMb: number): boolean;
  warn(text: string): void;
}

/**
 * Keeps blanks of one target ready, so that a boot need not wait for the machinery of its VM: some that can become any VM, and, for the
 * programs that were booted last, as many that are primed: they have run the program's top level, so that only its root is missing.
 *
 * It is filled in the background, one at a time, and only while no boot is under way. Those that end by themselves are replaced; a
 * target that cannot make any is left alone. A program is primed only where its top level can reach nothing outside its VM: nothing of
 * it may happen ahead of a boot that nobody has asked for yet.
 */
export class WarmPool {
  readonly spec: BlankSpec;
  private readonly make: (spec: BlankSpec) => Blank;
  private readonly size: number;
  private readonly host: PoolHost;
  private readonly plain: Stock;
  /** Newest first. */
  private primed: readonly Primed[] = [];
  /** Did not get through their top level in a blank: they are booted as if there were none. */
  private readonly unfit = new WeakSet<AnyImage>();
  private filling: Promise<void> | undefined = undefined;
  private timer: NodeJS.Timeout | undefined = undefined;
  private failures = 0;
  private closed = false;
  private image: AnyImage | undefined = undefined;

  constructor(make: (spec: BlankSpec) => Blank, spec: BlankSpec, size: number, host: PoolHost) {
    this.spec = spec;
    this.make = make;
    this.size = size;
    this.host = host;
    this.plain = this.stock(undefined);
  }

  /** Of those that are ready. */
  get count(): number {
    return this.primed.reduce((sum, { stock }) => sum + stock.count, this.plain.count);
  }

  /** With those that are being made. */
  get held(): number {
    return this.primed.reduce((sum, { stock }) => sum + stock.held, this.plain.held);
  }

  /** For a boot; undefined: there is none ready, or none that fits. */
  take({ memoryMb, env, spawns, program }: BlankSpec): Blank | undefined {
    const { spec } = this;
    if (memoryMb !== spec.memoryMb || env !== spec.env || spawns !== spec.spawns) return undefined;
    const primed = this.primed.find((each) => program !== undefined && sameProgram(each.program, program));
    return primed?.stock.take() ?? this.plain.take();
  }

  /** A boot is done: the blanks to come have this program, and hold up nobody who boots now. */
  booted(program: Program): void {
    this.image = program.image;
    this.remember(program);
    this.fillSoon();
  }

  /** Some boot is over, and this may have waited for that. */
  fillSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      void this.fill();
    }, restMs);
  }

  /** Resolves when it is full, or cannot be. Never rejects. */
  fill(): Promise<void> {
    this.filling ??= this.addAll().finally(() => {
      this.filling = undefined;
    });
    return this.filling;
  }

  /** There must be room for a VM: what is being made goes first, then what was made last. Resolves when it is gone. */
  async giveWay(): Promise<void> {
    const stocks = [...this.primed.map(({ stock }) => stock).reverse(), this.plain];
    const last = stocks.find(({ held, count }) => held > count) ?? stocks.find(({ count }) => count > 0);
    await last?.drop();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await Promise.all([this.plain, ...this.primed.map(({ stock }) => stock)].map((stock) => stock.close()));
    await this.filling;
  }

  private async addAll(): Promise<void> {
    for (let next = this.lacking(); next !== undefined; next = this.lacking()) await this.add(next);
  }

  /** Those that can become any VM come first. */
  private lacking(): Primed | "plain" | undefined {
    const { plain, size, primed } = this;
    if (this.closed || !this.host.mayAdd(this.spec.memoryMb)) return undefined;
    if (plain.count < size && this.failures < failuresMax) return "plain";
    return primed.find(({ stock }, n) => stock.count < share(size, primed.length, n));
  }

  private async add(kind: Primed | "plain"): Promise<void> {
    try {
      if (kind !== "plain") return await kind.stock.add();
      await this.plain.add();
      this.failures = 0;
    } catch (problem) {
      if (this.closed) return;
      if (kind !== "plain") this.forget(kind);
      else if (++this.failures === failuresMax) this.host.warn(`no VMs are kept ready: ${String(problem)}`);
    }
  }

  private stock(program: Program | undefined): Stock {
    const made = (): Blank => {
      const blank = this.make({ ...this.spec, program });
      if (program === undefined && this.image !== undefined) blank.load(this.image);
      return blank;
    };
    return new Stock(made, () => void this.fill());
  }

  /** As the newest; the oldest of too many goes. */
  private remember(program: Program): void {
    if (!reachesNothing(program) || this.unfit.has(program.image)) return;
    const known = this.primed.find((each) => sameProgram(each.program, program));
    const others = this.primed.filter((each) => each !== known);
    const newest = known ?? { program, stock: this.stock(program) };
    for (const { stock } of others.splice(this.size - 1)) void stock.close();
    this.primed = [newest, ...others];
    for (const [n, { stock }] of this.primed.entries())
      void stock.shrink(share(this.size, this.primed.length, n));
  }

  private forget(primed: Primed): void {
    // It was ended for others that are newer.
    if (!this.primed.includes(primed)) return;
    this.unfit.add(primed.program.image);
    this.primed = this.primed.filter((each) => each !== primed);
    void primed.stock.close();
  }
}

interface Primed {
  readonly program: Program;
  readonly stock: Stock;
}

/** Of so many blanks, for one of so many programs: the newest have one more where they cannot have the same. */
const share = (size: number, programs: number, n: number): number =>
  Math.floor(size / programs) + (n < size % programs ? 1 : 0);

/** More VMs are asked for by actors, and there are none before the boot. */
const reachesNothing = ({ devices }: Program): boolean =>
  devices?.every((device) => device === "vms") === true;

const sameProgram = (a: Program, b: Program): boolean =>
  a.image === b.image &&
  a.devices?.length === b.devices?.length &&
  a.devices?.every((device) => b.devices?.includes(device)) !== false;
