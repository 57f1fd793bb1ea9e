import type { Pump } from "./line.ts";

/** A pump that sleeps by itself while its vCPU runs. Whoever wakes it says so by `rouse`. */
export interface Parkable extends Pump {
  /** Set while it is parked: to be called before it is used again. */
  roused: (() => void) | undefined;
}

/** Rounds without anything, after which a pump is parked. */
const quietRoundsMax = 16;

interface Entry {
  readonly pump: Pump;
  /** It can be parked. */
  readonly parkable: Parkable | undefined;
  quietRounds: number;
  parked: boolean;
}

/**
 * What a vCPU polls in each round. A pump that can be parked, and had nothing for some rounds, says to its peer that it sleeps and costs nothing from
 * then on: its vCPU hears from its board which one has something (`rouse`), or uses it, and polls it again.
 */
export class LineSet {
  /** Those that are polled. */
  private active: Entry[] = [];
  private readonly entries = new Map<Pump, Entry>();
  /** Which of the active ones is being polled; -1: none. */
  private at = -1;

  /** Again: it is there once all the same, and is polled. */
  add(pump: Pump, parkable?: Parkable): void {
    if (this.entries.has(pump)) return this.rouse(pump);
    const entry: Entry = { pump, parkable, quietRounds: 0, parked: false };
    this.entries.set(pump, entry);
    this.active.push(entry);
  }

  delete(pump: Pump): void {
    const entry = this.entries.get(pump);
    if (entry === undefined) return;
    this.entries.delete(pump);
    if (entry.parked) this.unpark(entry);
    const index = this.active.indexOf(entry);
    this.active.splice(index, 1);
    // One that goes while others are polled must not have the next one passed over: it may be all that there is to do.
    if (index <= this.at) this.at--;
  }

  clear(): void {
    this.active = [];
    this.entries.clear();
  }

  /** There is something to poll again: what is unknown or not parked is left as it is. */
  rouse(pump: Pump): void {
    const entry = this.entries.get(pump);
    if (entry?.parked !== true) return;
    this.unpark(entry);
    pump.awake();
  }

  get size(): number {
    return this.active.length;
  }

  /** True if there is something to poll: one load for each that is polled. */
  get waiting(): boolean {
    const { active } = this;
    for (let i = 0; i < active.length; i++) if (active[i]?.pump.waiting === true) return true;
    return false;
  }

  /** How much has come in. `lose` hears of those that are broken. */
  poll(lose: (pump: Pump) => void): number {
    let got = 0;
    for (this.at = 0; this.at < this.active.length; this.at++) {
      const entry = this.active[this.at];
      if (entry === undefined) continue;
      const count = entry.pump.poll();
      if (count === 0) entry.quietRounds++;
      else {
        entry.quietRounds = 0;
        got += Math.abs(count);
        if (count < 0) lose(entry.pump);
      }
    }
    this.at = -1;
    return got;
  }

  /** Publishes, and parks what has been quiet. */
  flush(): void {
    const { active } = this;
    for (let i = active.length - 1; i >= 0; i--) {
      const entry = active[i];
      if (entry === undefined) continue;
      const { pump, parkable } = entry;
      if (pump.flush()) pump.wakePeer();
      if (parkable === undefined || entry.quietRounds < quietRoundsMax || !pump.flushed) continue;
      if (pump.prepareSleep()) this.park(entry, parkable, i);
      else entry.quietRounds = 0;
    }
  }

  get flushed(): boolean {
    return this.active.every(({ pump }) => pump.flushed);
  }

  /** All of them sleep. False: one of them has something. */
  prepareSleep(): boolean {
    let quiet = true;
    for (const { pump } of this.active) quiet = pump.prepareSleep() && quiet;
    return quiet;
  }

  awake(): void {
    for (const { pump } of this.active) pump.awake();
  }

  private park(entry: Entry, parkable: Parkable, index: number): void {
    entry.parked = true;
    parkable.roused = () => this.rouse(parkable);
    const last = this.active.pop();
    if (last !== undefined && last !== entry) this.active[index] = last;
  }

  private unpark(entry: Entry): void {
    entry.parked = false;
    entry.quietRounds = 0;
    if (entry.parkable !== undefined) entry.parkable.roused = undefined;
    this.active.push(entry);
  }
}
