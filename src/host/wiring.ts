import { assert, type ExitReason, limits } from "../../kernel/index.ts";
import { type RingMemory, ringChannel } from "../targets/ring-line.ts";
import { peerKey, type PeerVm } from "../targets/peer-vm.ts";
import type { Commons, Vm } from "../targets/target.ts";
import { type Bank, Bridge, type BridgeChannel, type Carrying, Crossing } from "./bridge.ts";
import { type Domain, hostPlace } from "./domain.ts";

/** A VM's end of rings to come. */
export interface Wired {
  readonly vm: number;
  readonly place: number;
  readonly handle: Vm;
  readonly domain: Pick<Domain, "apart"> & { readonly commons: Pick<Commons, "ring" | "release" | "board"> };
  readonly ringCapacityBytes: number | undefined;
}

/** The way to a VM of another host. */
export interface FarWay {
  readonly channel: BridgeChannel;
  /** That VM takes it: set by who has asked for it. From here on there is something to poll. */
  opened: () => void;
  /** That VM has ended, or the way to it: set by whoever reads here. All that came in before can still be read. */
  gone: (reason: ExitReason) => void;
  /** The VM of this side has ended. */
  leave(reason: ExitReason): void;
}

/** Whoever knows ways to other hosts. */
export interface Abroad {
  /** Why there is none, if there is none. */
  reach(vm: number, peer: PeerVm): FarWay | ExitReason;
}

/** What two VMs have between them. */
interface Wire {
  /** `vm` has ended: lets go of what it has there, and tells the other one why. `over`: nothing is left of it. */
  end(vm: number, reason: ExitReason, over: () => void): void;
}

/** The network wakes who sleeps there. */
const noBell = { ring: () => {} };

/**
 * The ways between the VMs of a host, and to those of others, made at first use. Two that share a memory get a ring of their own, and
 * the host is not on that path; to all others it carries records over a bridge. A way dies with either end, and the other end is told
 * why.
 */
export class Wiring {
  private readonly ends = new Map<number, Wired>();
  /** The ways of each VM, by whom they lead to. */
  private readonly peers = new Map<number, Map<string, Wire & { readonly to: PeerVm }>>();
  private readonly carrying: Carrying;
  private readonly crossing = new Crossing();
  private readonly abroad: Abroad;

  constructor(carrying: Carrying, abroad: Abroad) {
    this.carrying = carrying;
    this.abroad = abroad;
  }

  add(end: Wired): void {
    this.ends.set(end.vm, end);
    this.peers.set(end.vm, new Map());
  }

  /** `from` has something to say to `to`. Both may ask at once: there is one way all the same. */
  connect(from: number, to: PeerVm): void {
    const a = this.ends.get(from);
    if (a === undefined || this.peers.get(from)?.has(peerKey(to)) === true) return;
    if (to.host !== "") return this.connectAbroad(a, to);
    const b = this.ends.get(to.vm);
    if (b === undefined || a === b) return a.handle.peerEnded(to, "noproc");
    const wire = this.wire(a, b);
    if (wire === undefined) return a.handle.peerEnded(to, "noconnection");
    this.keep(from, to, wire);
    this.keep(to.vm, here(from), wire);
  }

  /** A VM of another host has something to say to `vm`. */
  accept(vm: number, peer: PeerVm, far: FarWay): void {
    const end = this.ends.get(vm);
    if (end === undefined) return far.leave("noproc");
    // A second way between the same two would get ahead of the first.
    const known = this.peers.get(vm)?.has(peerKey(peer)) === true;
    if (known || !this.span(end, peer, far)) far.leave("noconnection");
  }

  /** `from` hears that there is no way to `to`. */
  refuse(from: number, to: PeerVm): void {
    this.ends.get(from)?.handle.peerEnded(to, "noconnection");
  }

  remove(vm: number, reason: ExitReason): void {
    for (const { to, end } of this.peers.get(vm)?.values() ?? [])
      end(vm, reason, () => {
        if (to.host === "") this.peers.get(to.vm)?.delete(peerKey(here(vm)));
      });
    this.peers.delete(vm);
    this.ends.delete(vm);
  }

  private keep(vm: number, to: PeerVm, { end }: Wire): void {
    this.peers.get(vm)?.set(peerKey(to), { to, end });
  }

  private connectAbroad(a: Wired, to: PeerVm): void {
    const far = this.abroad.reach(a.vm, to);
    if (typeof far === "string" || !("leave" in far)) return a.handle.peerEnded(to, far);
    const over = (): void => void this.peers.get(a.vm)?.delete(peerKey(to));
    this.keep(a.vm, to, {
      end(_vm, reason, done) {
        far.leave(reason);
        done();
      },
    });
    // Until the answer is there, what is sent waits in the VM: to nobody it becomes dead letters.
    far.gone = (reason) => {
      over();
      a.handle.peerEnded(to, reason);
    };
    far.opened = () => {
      if (this.span(a, to, far)) return;
      over();
      far.leave("noconnection");
      a.handle.peerEnded(to, "noconnection");
    };
  }

  /** Undefined: the machine has no room for one. */
  private wire(a: Wired, b: Wired): Wire | undefined {
    const capacity = Math.min(capacityOf(a), capacityOf(b));
    const near = attempt(() => a.domain.commons.ring(capacity));
    if (near === undefined) return undefined;
    if (a.domain === b.domain) return shared(a, b, near);
    const far = attempt(() => b.domain.commons.ring(capacity));
    if (far !== undefined) return this.bridged(a, near, b, far);
    a.domain.commons.release(near);
    return undefined;
  }

  private bridged(a: Wired, near: RingMemory, b: Wired, far: RingMemory): Wire {
    const [atA, atB] = [bankOf(a, near, here(b.vm)), bankOf(b, far, here(a.vm))];
    const bridge = new Bridge(this.carrying, this.crossing, atA, atB);
    a.handle.ring(here(b.vm), near, "b", hostPlace);
    b.handle.ring(here(a.vm), far, "b", hostPlace);
    return { end: (vm, reason, over) => bridge.end(vm === a.vm ? atA : atB, reason, over) };
  }

  /** From a VM to one of another host. False: the machine has no room for a ring. */
  private span(end: Wired, peer: PeerVm, far: FarWay): boolean {
    const memory = attempt(() => end.domain.commons.ring(capacityOf(end)));
    if (memory === undefined) return false;
    const near = bankOf(end, memory, peer);
    assert(
      near.channel.maxRecordBytes >= far.channel.maxRecordBytes,
      "a VM takes the longest record that one of another host sends",
    );
    const beyond: Bank = {
      channel: far.channel,
      bell: noBell,
      release: () => {},
      peerEnded: (reason) => far.leave(reason),
    };
    const bridge = new Bridge(this.carrying, this.crossing, near, beyond);
    far.gone = (reason) => bridge.end(beyond, reason, () => this.peers.get(end.vm)?.delete(peerKey(peer)));
    this.keep(end.vm, peer, { end: (_vm, reason, over) => bridge.end(near, reason, over) });
    end.handle.ring(peer, memory, "b", hostPlace);
    return true;
  }
}

const here = (vm: number): PeerVm => ({ host: "", vm });
const capacityOf = (end: Wired): number => end.ringCapacityBytes ?? limits.ringCapacityBytes;

const bankOf = ({ domain, place, handle }: Wired, memory: RingMemory, peer: PeerVm): Bank => ({
  channel: ringChannel(memory, "a"),
  bell: domain.commons.board.doorbell(place),
  release: () => domain.commons.release(memory),
  peerEnded: (reason) => handle.peerEnded(peer, reason),
});

/** One ring in a memory that both see. */
function shared(a: Wired, b: Wired, memory: RingMemory): Wire {
  a.handle.ring(here(b.vm), memory, "a", b.place);
  b.handle.ring(here(a.vm), memory, "b", a.place);
  return {
    end(vm, reason, over) {
      over();
      const [ended, other] = vm === a.vm ? [a, b] : [b, a];
      other.handle.peerEnded(here(ended.vm), reason);
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
