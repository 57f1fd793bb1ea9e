/**
 * The VMs of one role, a record each, in typed arrays by ordinal: a million take some 45 MB. VMs on one host are chained, so
 * that the loss of a host costs what it held. It counts how many are in each state, and decides nothing.
 */
export const vmState = {
  /** There is to be none. */
  none: 0,
  /** It is to be placed. */
  pending: 1,
  /** A host was told to boot it. */
  booting: 2,
  running: 3,
  /** Its host was told to end it. */
  stopping: 4,
  /** It has crashed, and is placed when its wait is over. */
  waiting: 5,
} as const;

export type VmState = (typeof vmState)[keyof typeof vmState];

export class VmTable {
  private states = new Uint8Array(16);
  /** Of its last placement: no two placements of a cloud have the same, and later ones have larger ones. */
  private epochs = new Float64Array(16);
  private hosts = new Int32Array(16).fill(-1);
  private versions = new Uint32Array(16);
  private crashes = new Uint8Array(16);
  private sinces = new Float64Array(16);
  private before = new Int32Array(16).fill(-1);
  private after = new Int32Array(16).fill(-1);
  /** By host, the first VM of its chain. */
  private readonly heads: number[] = [];
  private readonly onHost: number[] = [];
  private readonly counts = [0, 0, 0, 0, 0, 0];

  /** How many ordinals have ever been asked for. */
  length = 0;

  reach(length: number): void {
    if (length <= this.length) return;
    this.length = length;
    let capacity = this.states.length;
    if (capacity >= length) return;
    while (capacity < length) capacity *= 2;
    this.states = grown(this.states, new Uint8Array(capacity));
    this.epochs = grown(this.epochs, new Float64Array(capacity));
    this.hosts = grown(this.hosts, new Int32Array(capacity).fill(-1));
    this.versions = grown(this.versions, new Uint32Array(capacity));
    this.crashes = grown(this.crashes, new Uint8Array(capacity));
    this.sinces = grown(this.sinces, new Float64Array(capacity));
    this.before = grown(this.before, new Int32Array(capacity).fill(-1));
    this.after = grown(this.after, new Int32Array(capacity).fill(-1));
  }

  state(vm: number): VmState {
    // Sound: only `setState` writes here.
    return (this.states[vm] ?? vmState.none) as VmState;
  }

  setState(vm: number, state: VmState, nowMs: number): void {
    const old = this.state(vm);
    if (old !== vmState.none) this.counts[old] = this.count(old) - 1;
    if (state !== vmState.none) this.counts[state] = this.count(state) + 1;
    this.states[vm] = state;
    this.sinces[vm] = nowMs;
  }

  /** Not known for `none`. */
  count(state: VmState): number {
    return this.counts[state] ?? 0;
  }

  /** Since when it is in its state. */
  sinceMs(vm: number): number {
    return this.sinces[vm] ?? 0;
  }

  epoch(vm: number): number {
    return this.epochs[vm] ?? 0;
  }

  version(vm: number): number {
    return this.versions[vm] ?? 0;
  }

  crashesOf(vm: number): number {
    return this.crashes[vm] ?? 0;
  }

  /** As far as 255. */
  setCrashes(vm: number, crashes: number): void {
    this.crashes[vm] = Math.min(255, crashes);
  }

  /** Where it is, or was last; -1: nowhere yet. */
  host(vm: number): number {
    return this.hosts[vm] ?? -1;
  }

  /** Its VMs on that host. */
  countOn(host: number): number {
    return this.onHost[host] ?? 0;
  }

  place(vm: number, host: number, epoch: number, version: number): void {
    this.hosts[vm] = host;
    this.epochs[vm] = epoch;
    this.versions[vm] = version;
    const next = this.firstOn(host);
    this.after[vm] = next;
    this.before[vm] = -1;
    if (next !== -1) this.before[next] = vm;
    this.heads[host] = vm;
    this.onHost[host] = this.countOn(host) + 1;
  }

  /** Its host has it no more. */
  unplace(vm: number): void {
    const [host, before, after] = [this.host(vm), this.before[vm] ?? -1, this.after[vm] ?? -1];
    if (before === -1) this.heads[host] = after;
    else this.after[before] = after;
    if (after !== -1) this.before[after] = before;
    this.onHost[host] = this.countOn(host) - 1;
  }

  /** -1: none. */
  firstOn(host: number): number {
    return this.heads[host] ?? -1;
  }

  /** The next one on the same host; -1: none. */
  nextOn(vm: number): number {
    return this.after[vm] ?? -1;
  }
}

function grown<T extends Uint8Array | Uint32Array | Int32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old);
  return larger;
}
