import type { ExitReason } from "../../kernel/index.ts";
import type { Vm } from "../targets/target.ts";

/** A VM's end of rings to come. */
export interface Wired {
  readonly vm: number;
  readonly place: number;
  readonly handle: Vm;
}

/**
 * The rings between the VMs of a host: each pair that talks gets one, at first use, and the host is not on that path. It dies
 * with either end, and the other end is told why.
 */
export class Wiring {
  private readonly ends = new Map<number, Wired>();
  /** Whom each VM has a ring with. */
  private readonly peers = new Map<number, Set<number>>();
  private readonly makeRing: () => SharedArrayBuffer;

  constructor(makeRing: () => SharedArrayBuffer) {
    this.makeRing = makeRing;
  }

  add(end: Wired): void {
    this.ends.set(end.vm, end);
    this.peers.set(end.vm, new Set());
  }

  /** `from` has something to say to `to`. Both may ask at once: there is one ring all the same. */
  connect(from: number, to: number): void {
    const a = this.ends.get(from);
    if (a === undefined) return;
    const b = this.ends.get(to);
    if (b === undefined || a === b) return a.handle.peerEnded(to, "noproc");
    if (this.peers.get(from)?.has(to) === true) return;
    this.peers.get(from)?.add(to);
    this.peers.get(to)?.add(from);
    const memory = this.makeRing();
    a.handle.ring(to, memory, "a", b.place);
    b.handle.ring(from, memory, "b", a.place);
  }

  remove(vm: number, reason: ExitReason): void {
    for (const peer of this.peers.get(vm) ?? []) {
      this.peers.get(peer)?.delete(vm);
      this.ends.get(peer)?.handle.peerEnded(vm, reason);
    }
    this.peers.delete(vm);
    this.ends.delete(vm);
  }
}
