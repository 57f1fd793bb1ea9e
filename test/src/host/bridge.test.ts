import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Bank, Bridge, type Carrying, Crossing } from "../../../src/host/bridge.ts";
import type { Pump } from "../../../src/targets/line.ts";
import { ringChannel } from "../../../src/targets/ring-line.ts";
import { createRingPair, type RingChannel, ringPairBytes } from "../../../transports/index.ts";

const capacityBytes = 1024;

/** A host's loop around the pumps, turned by hand. */
class Loop implements Carrying {
  readonly pumps = new Set<Pump>();

  carry(pump: Pump): void {
    this.pumps.add(pump);
  }

  drop(pump: Pump): void {
    this.pumps.delete(pump);
  }

  /** Until nothing moves, as a vCPU does before it sleeps. True: all pumps say that they may sleep. */
  settle(): boolean {
    for (let moved = true; moved; ) {
      moved = false;
      for (const pump of this.pumps) {
        const count = pump.poll();
        if (count < 0) {
          this.pumps.delete(pump);
          pump.close();
        }
        moved ||= count !== 0;
      }
      for (const pump of this.pumps) if (pump.flush()) pump.wakePeer();
    }
    let quiet = true;
    for (const pump of this.pumps) quiet = pump.prepareSleep() && quiet;
    return quiet;
  }
}

interface Side {
  readonly memory: SharedArrayBuffer;
  /** The VM's own end. */
  readonly guest: RingChannel;
  readonly told: string[];
  rung: number;
  released: number;
}

interface Bridged {
  readonly loop: Loop;
  readonly bridge: Bridge;
  readonly a: Side;
  readonly b: Side;
  readonly banks: { readonly a: Bank; readonly b: Bank };
}

function bridged(crossing = new Crossing()): Bridged {
  const loop = new Loop();
  const side = (): { readonly side: Side; readonly bank: Bank } => {
    const memory = new SharedArrayBuffer(ringPairBytes(capacityBytes));
    createRingPair(memory, { capacityBytes });
    const made: Side = { memory, guest: ringChannel(memory, "b"), told: [], rung: 0, released: 0 };
    const bell = { ring: () => void made.rung++, arm: () => {}, wait: () => false };
    const bank: Bank = {
      channel: ringChannel(memory, "a"),
      bell,
      release: () => void made.released++,
      peerEnded: (reason) => void made.told.push(String(reason)),
    };
    return { side: made, bank };
  };
  const [a, b] = [side(), side()];
  const bridge = new Bridge(loop, crossing, a.bank, b.bank);
  return { loop, bridge, a: a.side, b: b.side, banks: { a: a.bank, b: b.bank } };
}

const record = (n: number, bytes: number): Uint8Array => new Uint8Array(bytes).fill(n & 255);

function readAll(channel: RingChannel): number[][] {
  const target = new Uint8Array(capacityBytes);
  const got: number[][] = [];
  for (let length = channel.read(target); length >= 0; length = channel.read(target))
    got.push([...target.subarray(0, length)]);
  channel.publish();
  return got;
}

describe("bridge", () => {
  test("bridge: whatever both say at whatever pace comes over whole and in order", () => {
    const act = fc.record({
      side: fc.constantFrom("a", "b"),
      does: fc.constantFrom("write", "read", "settle"),
      bytes: fc.integer({ min: 0, max: 200 }),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const { loop, a, b } = bridged();
        const sides = { a, b };
        const said = { a: [] as number[][], b: [] as number[][] };
        const heard = { a: [] as number[][], b: [] as number[][] };
        for (const [n, { side, does, bytes }] of acts.entries()) {
          const { guest } = sides[side as "a" | "b"];
          if (does === "settle") loop.settle();
          else if (does === "read") heard[side as "a" | "b"].push(...readAll(guest));
          else if (guest.write(record(n, bytes), bytes)) {
            guest.publish();
            said[side as "a" | "b"].push([...record(n, bytes)]);
          }
        }
        for (;;) {
          loop.settle();
          const more = [readAll(a.guest), readAll(b.guest)] as const;
          heard.a.push(...more[0]);
          heard.b.push(...more[1]);
          if (more[0].length + more[1].length === 0) break;
        }
        expect(heard.b).toEqual(said.a);
        expect(heard.a).toEqual(said.b);
      }),
      { numRuns: 300 },
    );
  });

  test("bridge: what is held up in one is not touched by what crosses another", () => {
    const crossing = new Crossing();
    const [slow, fast] = [bridged(crossing), bridged(crossing)];
    const said: number[][] = [];
    for (let moved = true; moved; slow.loop.settle()) {
      moved = false;
      for (let n = said.length; slow.a.guest.write(record(n, 100), 100); n++) {
        said.push([...record(n, 100)]);
        moved = true;
      }
      slow.a.guest.publish();
    }
    fast.a.guest.write(record(255, 200), 200);
    fast.a.guest.publish();
    fast.loop.settle();
    expect(readAll(fast.b.guest)).toEqual([[...record(255, 200)]]);
    const heard: number[][] = [];
    for (let count = -1; count !== heard.length; slow.loop.settle()) {
      count = heard.length;
      heard.push(...readAll(slow.b.guest));
    }
    expect(heard).toEqual(said);
  });

  test("bridge: a reader that does not read stops the writer, and what it frees goes on", () => {
    const { loop, a, b } = bridged();
    let said = 0;
    for (;;) {
      while (a.guest.write(record(said, 100), 100)) said++;
      a.guest.publish();
      loop.settle();
      if (!a.guest.write(record(said, 100), 100)) break;
      said++;
    }
    a.guest.publish();
    expect(said * 100).toBeLessThan(3 * capacityBytes);
    // It sleeps, and asks to be woken for room alone.
    expect(loop.settle()).toBe(true);
    const heard: number[][] = [];
    for (let got = readAll(b.guest); got.length > 0; got = readAll(b.guest)) {
      heard.push(...got);
      loop.settle();
    }
    expect(heard.map(([first]) => first)).toEqual(Array.from({ length: said }, (_, n) => n & 255));
  });

  test("bridge: a sleeping reader is rung for what comes", () => {
    const { loop, a, b } = bridged();
    expect(b.guest.prepareSleep(-1)).toBe(true);
    a.guest.write(record(1, 8), 8);
    a.guest.publish();
    loop.settle();
    expect(b.rung).toBe(1);
    expect(readAll(b.guest)).toHaveLength(1);
  });

  test("bridge: what a VM has said before its end is all heard before its end is told", () => {
    const { loop, bridge, a, b, banks } = bridged();
    let said = 0;
    for (let full = false; !full; loop.settle()) {
      full = !a.guest.write(record(said, 100), 100);
      if (!full) said++;
      a.guest.publish();
    }
    let over = 0;
    bridge.end(banks.a, "killed", () => over++);
    // Its memory is gone at once.
    expect(a.released).toBe(1);
    a.guest.close();
    let heard = 0;
    for (let got = readAll(b.guest); got.length > 0; got = readAll(b.guest)) {
      expect(heard === 0 || heard < said).toBe(true);
      heard += got.length;
      if (heard < said) expect(b.told).toEqual([]);
      loop.settle();
    }
    expect(heard).toBe(said);
    expect([b.told, b.released, over, loop.pumps.size]).toEqual([["killed"], 1, 1, 0]);
  });

  test("bridge: the other VM ends before it has heard all: nothing is left, and nobody is told", () => {
    const { loop, bridge, a, b, banks } = bridged();
    while (a.guest.write(record(1, 100), 100));
    a.guest.publish();
    loop.settle();
    while (a.guest.write(record(2, 100), 100));
    a.guest.publish();
    let over = 0;
    bridge.end(banks.a, "killed", () => over++);
    loop.settle();
    expect(over).toBe(0);
    bridge.end(banks.b, "killed", () => over++);
    loop.settle();
    expect([a.released, b.released, over, loop.pumps.size]).toEqual([1, 1, 1, 0]);
    expect([...a.told, ...b.told]).toEqual([]);
  });

  test("bridge: a VM that breaks its ring loses the other, which finds its own closed; the host goes on", () => {
    const { loop, a, b } = bridged();
    // Every word of the header that a guest may write: nonsense.
    new Int32Array(a.memory).fill(0x7fff_fff9, 4);
    expect(() => loop.settle()).not.toThrow();
    expect(loop.pumps.size).toBe(0);
    readAll(b.guest);
    expect(b.guest.ended).toBe(true);
  });

  test("bridge: a VM that closes its ring closes the other's", () => {
    const { loop, a, b } = bridged();
    b.guest.write(record(1, 10), 10);
    b.guest.publish();
    a.guest.close();
    loop.settle();
    expect(loop.pumps.size).toBe(0);
    readAll(b.guest);
    expect(b.guest.ended).toBe(true);
  });
});
