import type { ExitReason } from "../../../kernel/index.ts";
import type { Guest } from "../guest.ts";
import { peerKey, type PeerVm } from "../peer-vm.ts";
import type { MappedRing, RingMemory } from "../ring-line.ts";
import type { Mapping } from "./native.ts";

/** The rings that a guest has mapped into its memory, by peer: each is unmapped when its peer has ended, and not before. */
export class MappedRings {
  private readonly guest: Guest<RingMemory>;
  private readonly rings = new Map<string, Mapping>();

  constructor(guest: Guest<RingMemory>) {
    this.guest = guest;
  }

  open(peer: PeerVm, ring: MappedRing & Mapping, end: "a" | "b", place: number): void {
    this.rings.set(peerKey(peer), ring);
    this.guest.ring(peer, ring, end, place);
  }

  ended(peer: PeerVm, reason: ExitReason): void {
    this.guest.ended(peer, reason);
    this.rings.get(peerKey(peer))?.close();
    this.rings.delete(peerKey(peer));
  }
}
