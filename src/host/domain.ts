import type { Bell } from "../targets/doorbell.ts";
import type { Parkable } from "../targets/line-set.ts";
import type { Commons, Target } from "../targets/target.ts";
import type { VcpuBoard } from "../targets/vcpu.ts";

/** The host's own place on every board. */
export const hostPlace = 0;

/** One memory that VMs of a host share, and the places on its board. */
export class Domain {
  readonly commons: Commons;
  /** It goes with its one VM. */
  readonly apart: boolean;
  private readonly free: number[] = [];
  /** The host's lines to its VMs, by their places. */
  private readonly lines = new Map<number, Parkable>();
  private taken = 0;

  constructor(commons: Commons, apart: boolean) {
    this.commons = commons;
    this.apart = apart;
  }

  takePlace(): number {
    return this.free.pop() ?? ++this.taken;
  }

  /** The line to the VM in that place is one that its mark rouses. */
  park(place: number, line: Parkable): void {
    this.lines.set(place, line);
  }

  rouseMarked(rouse: (line: Parkable) => void): void {
    this.commons.board.takeMarks((place) => {
      const line = this.lines.get(place);
      if (line !== undefined) rouse(line);
    });
  }

  leavePlace(place: number): void {
    this.lines.delete(place);
    this.commons.board.clear(place);
    this.free.push(place);
  }
}

/**
 * The memories of a host: one for all targets that share it, made at the first VM there, and one for each VM that stands apart. To
 * the host's own vCPU they are one board: it sleeps by its bells in all of them.
 */
export class Domains implements VcpuBoard {
  readonly awakeVms = Infinity;
  private readonly places: number;
  private readonly shared = new Map<Target["commons"], Domain>();
  private readonly bells = new Map<Domain, Bell>();

  /** `vmsMax`: VMs at a time. */
  constructor(vmsMax: number) {
    this.places = vmsMax + 1;
  }

  doorbell(): Bell {
    const { bells } = this;
    return {
      ring: () => bells.forEach((bell) => bell.ring()),
      arm: () => bells.forEach((bell) => bell.arm()),
      wait(woken) {
        let rung = false;
        for (const bell of bells.values()) rung = bell.wait(woken) || rung;
        return rung;
      },
    };
  }

  rouseMarked(rouse: (line: Parkable) => void): void {
    for (const domain of this.shared.values()) if (domain.commons.board.anyMarked) domain.rouseMarked(rouse);
  }

  hasMarked(): boolean {
    for (const { commons } of this.shared.values()) if (commons.board.anyMarked) return true;
    return false;
  }

  /** Nobody watches over the host. */
  turned(): void {}

  /** Its VMs take it into account when they spin. */
  setAwake(_place: number, on: boolean): void {
    for (const { commons } of this.shared.values()) commons.board.setAwake(hostPlace, on);
  }

  /** Throws `TARGET_UNAVAILABLE`: so that a host says at once what it cannot do. */
  prepare(target: Target): void {
    if (target.apart !== true) this.of(target);
  }

  /** Where the next VM of this target lives. Throws `TARGET_UNAVAILABLE`. */
  of(target: Target): Domain {
    if (target.apart === true) return this.make(target.commons(2), true);
    const known = this.shared.get(target.commons);
    if (known !== undefined) return known;
    const made = this.make(target.commons(this.places), false);
    this.shared.set(target.commons, made);
    return made;
  }

  /** A VM of it has left its place, and nothing uses what is there any more. */
  leave(domain: Domain, place: number): void {
    if (domain.apart) this.close(domain);
    else domain.leavePlace(place);
  }

  /** After the host's vCPU has stopped. */
  closeAll(): void {
    for (const domain of this.bells.keys()) this.close(domain);
    this.shared.clear();
  }

  private make(commons: Commons, apart: boolean): Domain {
    const domain = new Domain(commons, apart);
    this.bells.set(domain, commons.board.doorbell(hostPlace));
    return domain;
  }

  private close(domain: Domain): void {
    this.bells.delete(domain);
    domain.commons.close();
  }
}
