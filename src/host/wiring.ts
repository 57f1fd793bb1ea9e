import type { ExitReason } from "../../kernel/index.ts";
import type { RingMemory } from "../targets/ring-line.ts";
import type { Commons, Vm } from "../targets/target.ts";

/** A VM's end of rings to come. */
export interface Wired {
  readonly vm: number;
  readonly place: number;
  readonly handle: Vm;
}

/** Where rings come from. */
type Rings = Pick<Commons, "ring" | "release">;

/**
 * The rings between the VMs of a host: each pair that talks gets one, at first use, and the host is not on that path. It dies
 * with either end, and the other end is told why.
 */
export class Wiring {
  private readonly ends = new Map<number, Wired>();
  /** The rings of each VM, by whom they lead to. */
  private readonly peers = new Map<number, Map<number, RingMemory>>();
  private readonly rings: Rings;

  constructor(rings: Rings) {
    this.rings = rings;
  }

  add(end: Wired): void {
    this.ends.set(end.vm, end);
    this.peers.set(end.vm, new Map());
  }

  /** `from` has something to say to `to`. Both may ask at once: there is one ring all the same. */
  connect(from: number, to: number): void {
    const a = this.ends.get(from);
    if (a === undefined) return;
    const b = this.ends.get(to);
    if (b === undefined || a === b) return a.handle.peerEnded(to, "noproc");
    if (this.peers.get(from)?.has(to) === true) return;
    const memory = this.ring();
    if (memory === undefined) return a.handle.peerEnded(to, "noconnection");
    this.peers.get(from)?.set(to, memory);
    this.peers.get(to)?.set(from, memory);
    a.handle.ring(to, memory, "a", b.place);
    b.handle.ring(from, memory, "b", a.place);
  }

  /** `from` hears that there is no way to `to`. */
  refuse(from: number, to: number): void {
    this.ends.get(from)?.handle.peerEnded(to, "noconnection");
  }

  /** Undefined: the machine has no room for one. */
  private ring(): RingMemory | undefined {
    try {
      return this.rings.ring();
    } catch {
      return undefined;
    }
  }

  remove(vm: number, reason: ExitReason): void {
    for (const [peer, memory] of this.peers.get(vm) ?? []) {
      this.peers.get(peer)?.delete(vm);
      this.ends.get(peer)?.handle.peerEnded(vm, reason);
      this.rings.release(memory);
    }
    this.peers.delete(vm);
    this.ends.delete(vm);
  }
}
