import type { Entry, Machine, MachineOptions, MakeMachine, Stopped } from "./machine.ts";
import { type PackMember, PackedRuntime } from "./packed-runtime.ts";
import { type Quickjs, quickjsInstance } from "./quickjs.ts";

/** So many VMs in a runtime: all of them wait while it looks for cycles, and each pays its part of the code. */
const packVmsMax = 256;

/** For a worker: one instance of WebAssembly, with a QuickJS runtime in it for some hundred VMs of one image. */
export async function packedMachines(quickjs: WebAssembly.Module): Promise<MakeMachine> {
  const packs = new Packs(await quickjsInstance(quickjs));
  return (options) => new PackedMachine(packs, options);
}

class Packs {
  private readonly quickjs: Quickjs;
  private readonly packs = new Set<PackedRuntime>();
  /** One that has no VMs any more is kept for those to come. */
  private empty: PackedRuntime | undefined = undefined;

  constructor(quickjs: Quickjs) {
    this.quickjs = quickjs;
  }

  /** One with room. */
  for(options: MachineOptions): PackedRuntime | Stopped {
    const { image } = options;
    for (const pack of this.packs)
      if (pack.image === image && !pack.spoiled && pack.size < packVmsMax) return pack;
    const made = new PackedRuntime(this.quickjs, image);
    const stopped = made.open(options);
    if (stopped !== undefined) return stopped;
    this.packs.add(made);
    return made;
  }

  /** A VM has left it. False: memory stays behind. */
  left(pack: PackedRuntime): boolean {
    if (pack.size > 0 || this.empty === pack) return !pack.spoiled;
    const last = pack.spoiled ? pack : this.empty;
    if (!pack.spoiled) this.empty = pack;
    if (last === undefined || last.size > 0) return true;
    this.packs.delete(last);
    return last.dispose();
  }
}

/** One VM of a pack. Whatever it was asked, it has done all that it can do at once when it answers. */
class PackedMachine implements Machine {
  readonly hasJobs = false;
  private readonly packs: Packs;
  private readonly options: MachineOptions;
  private pack: PackedRuntime | undefined = undefined;
  private member: PackMember | undefined = undefined;

  constructor(packs: Packs, options: MachineOptions) {
    this.packs = packs;
    this.options = options;
  }

  load(): Stopped | undefined {
    const pack = this.packs.for(this.options);
    if (!(pack instanceof PackedRuntime)) return pack;
    this.pack = pack;
    this.member = pack.join(this.options);
    const outcome = pack.enter(this.member, "load", this.options.setup);
    return typeof outcome === "number" ? undefined : outcome;
  }

  call(entry: Entry, argument?: string): Stopped | number {
    const { pack, member } = this;
    return pack === undefined || member === undefined ? 0 : pack.enter(member, entry, argument);
  }

  jobs(): boolean {
    return true;
  }

  dispose(torn: boolean): boolean {
    const { pack, member } = this;
    if (pack === undefined || member === undefined) return !torn;
    pack.leave(member, torn);
    return this.packs.left(pack);
  }
}
