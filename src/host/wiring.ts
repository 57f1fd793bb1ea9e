import { type ExitReason, limits } from "../../kernel/index.ts";
import { type RingMemory, ringChannel } from "../targets/ring-line.ts";
import type { Commons, Vm } from "../targets/target.ts";
import { type Bank, Bridge, type Carrying } from "./bridge.ts";
import { type Domain, hostPlace } from "./domain.ts";

/** A VM's end of rings to come. */
export interface Wired {
  readonly vm: number;
  readonly place: number;
  readonly handle: Vm;
  readonly domain: Pick<Domain, "apart"> & { readonly commons: Pick<Commons, "ring" | "release" | "board"> };
  readonly ringCapacityBytes: number | undefined;
}

/** What two VMs have between them. */
interface Wire {
  /** `vm` has ended: lets go of what it has there, and tells the other one why. `over`: nothing is left of it. */
  end(vm: number, reason: ExitReason, over: () => void): void;
}

/**
 * The ways between the VMs of a host, made at first use. Two that share a memory get a ring of their own, and the host is not on
 * that path; to others it carries records over a bridge. A way dies with either end, and the other end is told why.
 */
export class Wiring {
  private readonly ends = new Map<number, Wired>();
  /** The ways of each VM, by whom they lead to. */
  private readonly peers = new Map<number, Map<number, Wire>>();
  private readonly carrying: Carrying;

  constructor(carrying: Carrying) {
    this.carrying = carrying;
  }

  add(end: Wired): void {
    this.ends.set(end.vm, end);
    this.peers.set(end.vm, new Map());
  }

  /** `from` has something to say to `to`. Both may ask at once: there is one way all the same. */
  connect(from: number, to: number): void {
    const a = this.ends.get(from);
    if (a === undefined) return;
    const b = this.ends.get(to);
    if (b === undefined || a === b) return a.handle.peerEnded(to, "noproc");
    if (this.peers.get(from)?.has(to) === true) return;
    const wire = this.wire(a, b);
    if (wire === undefined) return a.handle.peerEnded(to, "noconnection");
    this.peers.get(from)?.set(to, wire);
    this.peers.get(to)?.set(from, wire);
  }

  /** `from` hears that there is no way to `to`. */
  refuse(from: number, to: number): void {
    this.ends.get(from)?.handle.peerEnded(to, "noconnection");
  }

  remove(vm: number, reason: ExitReason): void {
    for (const [peer, wire] of this.peers.get(vm) ?? [])
      wire.end(vm, reason, () => this.peers.get(peer)?.delete(vm));
    this.peers.delete(vm);
    this.ends.delete(vm);
  }

  /** Undefined: the machine has no room for one. */
  private wire(a: Wired, b: Wired): Wire | undefined {
    const capacity = Math.min(
      a.ringCapacityBytes ?? limits.ringCapacityBytes,
      b.ringCapacityBytes ?? limits.ringCapacityBytes,
    );
    const near = attempt(() => a.domain.commons.ring(capacity));
    if (near === undefined) return undefined;
    if (a.domain === b.domain) return shared(a, b, near);
    const far = attempt(() => b.domain.commons.ring(capacity));
    if (far !== undefined) return this.bridged(a, near, b, far);
    a.domain.commons.release(near);
    return undefined;
  }

  private bridged(a: Wired, near: RingMemory, b: Wired, far: RingMemory): Wire {
    const bank = (own: Wired, memory: RingMemory, peer: Wired): Bank => ({
      channel: ringChannel(memory, "a"),
      bell: own.domain.commons.board.doorbell(own.place),
      release: () => own.domain.commons.release(memory),
      peerEnded: (reason) => own.handle.peerEnded(peer.vm, reason),
    });
    const [atA, atB] = [bank(a, near, b), bank(b, far, a)];
    const bridge = new Bridge(this.carrying, atA, atB);
    a.handle.ring(b.vm, near, "b", hostPlace);
    b.handle.ring(a.vm, far, "b", hostPlace);
    return { end: (vm, reason, over) => bridge.end(vm === a.vm ? atA : atB, reason, over) };
  }
}

/** One ring in a memory that both see. */
function shared(a: Wired, b: Wired, memory: RingMemory): Wire {
  a.handle.ring(b.vm, memory, "a", b.place);
  b.handle.ring(a.vm, memory, "b", a.place);
  return {
    end(vm, reason, over) {
      over();
      (vm === a.vm ? b : a).handle.peerEnded(vm, reason);
      a.domain.commons.release(memory);
    },
  };
}

function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
