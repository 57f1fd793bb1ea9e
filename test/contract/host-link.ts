/**
 * What every link between hosts must do, whatever network it runs over. Nothing here waits for time to pass: clocks are the tests'
 * own, and everything else is an event.
 */
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { linkError } from "../../transports/host-link/errors.ts";
import type { Lane } from "../../transports/index.ts";
import { Drain, host, type HostNetwork, Joined, Listener, Source } from "./host-pair.ts";

const coded = (code: string): object => expect.objectContaining({ code }) as object;
const small = {
  recordBytesMax: 4096,
  laneWindowBytes: 32 * 1024,
  laneQueueBytes: 16 * 1024,
  outputBytesMax: 32 * 1024,
  packetBytesMax: 20 * 1024,
};

export function hostLinkContract(network: HostNetwork): void {
  const open: Joined[] = [];
  const join = async (...options: Parameters<typeof Joined.of> extends [unknown, ...infer R] ? R : never) => {
    const joined = await Joined.of(network, ...options);
    open.push(joined);
    return joined;
  };

  afterEach(async () => {
    for (const joined of open.splice(0)) await joined.pair.close();
  });

  describe(`host link over ${network.name}`, () => {
    test("host link: both learn who is there", async () => {
      const joined = await join({ a: { features: ["x"] }, b: { incarnation: "b-7" } });
      await joined.up();
      expect(joined.atA.ups[0]?.peer).toEqual(host("b", { incarnation: "b-7" }));
      expect(joined.atB.ups[0]?.peer).toEqual(host("a", { features: ["x"] }));
      expect([joined.a.state, joined.b.state]).toEqual(["up", "up"]);
    });

    test("host link: records of any size arrive in order, both ways at once, on many lanes", async () => {
      const joined = await (await join({ limits: small })).up();
      const sizes = fc.sample(
        fc.array(fc.oneof({ weight: 5, arbitrary: fc.nat(100) }, fc.integer({ min: 0, max: 4096 })), {
          minLength: 200,
          maxLength: 400,
          size: "max",
        }),
        { numRuns: 6, seed: 1 },
      );
      const drains: Drain[] = [];
      for (const [index, each] of sizes.entries()) {
        const [near, far] = await joined.lane(index + 1, 100 + index);
        drains.push(new Drain(far, each));
        new Source(near, each);
        // The two ways share what wakes a lane: the other way has a lane of its own.
        const [back, forth] = await joined.lane(index + 1, 200 + index);
        drains.push(new Drain(back, each));
        new Source(forth, each);
      }
      const all = sizes.flatMap((each) => [each.length, each.length]);
      await joined.until(() => drains.every(({ got }, index) => got === all[index]));
      expect(drains.map(({ wrong }) => wrong)).toEqual(drains.map(() => undefined));
    });

    test("host link: a reader that stops slows its own sender down, and nobody else; memory is bounded", async () => {
      const joined = await (await join({ limits: small })).up();
      const [slowNear, slowFar] = await joined.lane(1, 2);
      const [quickNear, quickFar] = await joined.lane(3, 4);
      const sizes = Array.from({ length: 3000 }, (_, index) => (index * 37) % 3000);
      const slow = new Drain(slowFar, sizes, () => {}, 5);
      const source = new Source(slowNear, sizes);
      const quick = new Drain(quickFar, sizes);
      new Source(quickNear, sizes);
      await joined.until(() => quick.got === sizes.length);
      expect(quick.wrong).toBeUndefined();
      expect(slow.got).toBe(5);
      expect(source.done).toBe(false);
      const { heldBytes } = slowFar.statistics;
      expect(heldBytes).toBeGreaterThan(0);
      expect(heldBytes).toBeLessThanOrEqual(small.laneWindowBytes);
      expect(slowNear.statistics.queuedBytes).toBeLessThanOrEqual(small.laneQueueBytes);
      // It goes on where it was.
      slow.most = Infinity;
      slow.go();
      await joined.until(() => slow.got === sizes.length);
      expect(slow.wrong).toBeUndefined();
    });

    test("host link: 50 MB on one lane do not hold up small records on another", async () => {
      const joined = await (await join()).up();
      const [bigNear, bigFar] = await joined.lane(1, 2);
      const [pingNear, pingFar] = await joined.lane(3, 4);
      const [pongNear, pongFar] = await joined.lane(5, 6);
      const record = bigNear.maxRecordBytes;
      const big = Array.from({ length: Math.ceil(50e6 / record) }, () => record);
      const pings = Array.from({ length: 50 }, () => 8);
      let sinceBytes = 0;
      const drain = new Drain(bigFar, [], () => (sinceBytes += record));
      // Each ping is written when the pong of the last one has come: what of the big one arrives in between held it up.
      const sentPings: number[] = [];
      const ping = (): void => {
        sentPings.push(sinceBytes);
        sinceBytes = 0;
        if (sentPings.length > pings.length) return;
        pingNear.write(new Uint8Array(8), 8);
        pingNear.publish();
      };
      new Drain(pongNear, [], () => ping());
      new Drain(pingFar, [], () => {
        pongFar.write(new Uint8Array(8), 8);
        pongFar.publish();
      });
      const source = new BigSource(bigNear, big.length);
      ping();
      await joined.until(() => sentPings.length > pings.length);
      expect(drain.got).toBeLessThan(big.length);
      await joined.until(() => source.sent === big.length && drain.got === big.length);
      // What the network and the window hold, and not what is still to come.
      expect(Math.max(...sentPings)).toBeLessThan(8e6);
    });

    test("host link: two that ask for the same lane at once get one lane", async () => {
      const joined = await (await join()).up();
      for (let vm = 1; vm < 20; vm++) {
        const near = joined.a.open(vm, 50);
        const far = joined.b.open(50, vm);
        const sizes = [3, 0, 4000, 17];
        const drains = [new Drain(near, sizes), new Drain(far, sizes)];
        await joined.until(() => near.state === "open" && far.state === "open");
        for (const lane of [near, far]) {
          expect(lane.write(new Uint8Array(0), 0)).toBe(true);
          lane.publish();
        }
        await joined.until(() => drains.every(({ got }) => got === 1));
      }
      expect(joined.atB.lanes).toEqual([]);
      expect([joined.a.statistics.lanes, joined.b.statistics.lanes]).toEqual([19, 19]);
    });

    test("host link: a lane is refused, closed and opened again, each with its reason", async () => {
      const joined = await (await join()).up();
      joined.atB.accepts = false;
      const refused = joined.a.open(1, 2);
      expect(() => joined.a.open(1, 2)).toThrow(coded("LANE_TAKEN"));
      await joined.until(() => joined.atB.lanes.length === 1);
      expect(refused.write(new Uint8Array(1), 1)).toBe(false);
      joined.atB.lanes[0]?.close({ code: "no_vm", text: "there is no VM 2" });
      await joined.until(() => refused.ended);
      expect(refused.closeReason).toEqual({ code: "no_vm", text: "there is no VM 2" });
      joined.atB.accepts = true;
      const [near, far] = await joined.lane(1, 2);
      near.write(Uint8Array.of(7), 1);
      near.close({ code: "done", text: "said all" });
      // What was written before the end still arrives.
      await joined.until(() => far.waiting && far.state === "closed");
      expect(far.ended).toBe(false);
      expect(far.read(new Uint8Array(4096))).toBe(1);
      expect([far.ended, far.closeReason?.code]).toEqual([true, "done"]);
      far.close();
      await joined.until(() => joined.a.statistics.lanes + joined.b.statistics.lanes === 0);
    });

    test("host link: what was written goes out before it closes, and the reason arrives", async () => {
      const joined = await (await join({ limits: small })).up();
      const [near, far] = await joined.lane(1, 2);
      const sizes = [10, 20, 4000];
      const source = new Source(near, sizes);
      expect(source.done).toBe(true);
      joined.a.close({ code: "upgrade", text: "this host is replaced" });
      await joined.until(() => joined.atA.codes.length === 1 && joined.atB.codes.length === 1);
      expect([joined.atA.codes, joined.atB.codes]).toEqual([["LINK_CLOSED"], ["LINK_CLOSED"]]);
      expect(joined.atB.whys[0]?.details).toEqual({
        by: "peer",
        code: "upgrade",
        text: "this host is replaced",
      });
      const drain = new Drain(far, sizes);
      expect([drain.got, drain.wrong]).toEqual([3, undefined]);
      expect(() => joined.a.open(5, 5)).toThrow(coded("LINK_DOWN"));
    });

    test("host link: a cut is noticed within the detection time, and what was queued is reported lost", async () => {
      const joined = await (await join({ limits: { ...small, beatMs: 100, detectMs: 500 } })).up();
      const [near] = await joined.lane(1, 2);
      joined.pair.cut();
      const sizes = Array.from({ length: 100 }, () => 1000);
      const source = new Source(near, sizes);
      expect(source.done).toBe(false);
      // Within its time a host is there; and one that stood still itself waits another beat.
      for (let ms = 0; ms < 450; ms += 50) joined.pair.advance(50);
      expect([joined.atA.codes, joined.atB.codes]).toEqual([[], []]);
      for (let ms = 0; ms < 200; ms += 50) joined.pair.advance(50);
      expect([joined.atA.codes, joined.atB.codes]).toEqual([["LINK_SILENT"], ["LINK_SILENT"]]);
      const [loss] = joined.atA.losses;
      const written = source.sent * 1008;
      expect((loss?.queuedBytes ?? 0) + (loss?.unconfirmedBytes ?? 0)).toBe(written);
      expect([near.ended, near.closeReason?.code]).toEqual([true, "LINK_SILENT"]);
    });

    test("host link: nothing that was sent to one link reaches the next", async () => {
      const limits = { beatMs: 100, detectMs: 500 };
      const joined = await (await join({ limits })).up();
      const [near] = await joined.lane(1, 2);
      joined.pair.cut();
      near.write(Uint8Array.of(1), 1);
      near.publish();
      for (let ms = 0; ms < 700; ms += 50) joined.pair.advance(50);
      await joined.until(() => joined.atA.codes.length === 1 && joined.atB.codes.length === 1);
      joined.pair.heal();
      const again = new Listener();
      const second = await joined.pair.redial({
        own: host("a", { incarnation: "a-2" }),
        events: again,
        limits,
      });
      await joined.until(() => again.ups.length === 1 && joined.atB.ups.length === 2);
      expect(joined.atB.ups[1]?.peer.incarnation).toBe("a-2");
      const lane = second.open(1, 2);
      await joined.until(() => lane.state === "open");
      lane.write(Uint8Array.of(2), 1);
      lane.publish();
      const far = joined.atB.lanes.at(-1);
      await joined.until(() => far?.waiting === true);
      const target = new Uint8Array(4096);
      expect([far?.read(target), target[0], far?.read(target)]).toEqual([1, 2, -1]);
    });

    test("host link: the beat keeps an idle link up, and measures its round trip", async () => {
      const joined = await (await join({ limits: { beatMs: 100, detectMs: 500 } })).up();
      for (let beat = 0; beat < 30; beat++) {
        const before = [joined.a.statistics.receivedPackets, joined.b.statistics.receivedPackets] as const;
        joined.pair.advance(100);
        await joined.until(
          () =>
            joined.a.statistics.receivedPackets > before[0] &&
            joined.b.statistics.receivedPackets > before[1],
        );
      }
      expect([joined.a.state, joined.b.state]).toEqual(["up", "up"]);
      expect(joined.a.statistics.roundTripMs).toBeTypeOf("number");
    });

    test.each([
      ...(network.apart === true ? [] : [["LINK_CLUSTER", { b: { cluster: "other" } }] as const]),
      ["LINK_SELF", { b: { name: "a" } }],
      ["LINK_UNEXPECTED", { judge: () => linkError("LINK_UNEXPECTED", { expected: "c", got: "a" }) }],
    ] as const)("host link: %s refuses the hello, and both hear why", async (code, options) => {
      const joined = await join(options);
      await joined.until(() => joined.atA.codes.length === 1 && joined.atB.codes.length === 1);
      expect(joined.atB.codes).toEqual([code]);
      expect(joined.atA.whys[0]).toMatchObject({ code: "LINK_REFUSED", details: { code } });
      expect(joined.a.state).toBe("down");
    });

    test("host link: lanes end where the memory set aside for them does", async () => {
      const bytes = { laneWindowBytes: 16 * 1024, receiveBytesMax: 64 * 1024 };
      const joined = await (await join({ limits: { ...small, ...bytes } })).up();
      let lanes = 0;
      const fill = (): void => {
        for (; lanes < 100; lanes++) joined.a.open(lanes, 1);
      };
      expect(fill).toThrow(coded("LANES_FULL"));
      expect(lanes).toBeGreaterThan(3);
      expect(lanes).toBeLessThan(10);
    });
  });
}

/** As much as the lane takes, and never anything else. */
class BigSource {
  sent = 0;
  private readonly lane: Lane;
  private readonly count: number;
  private readonly record: Uint8Array;

  constructor(lane: Lane, count: number) {
    this.lane = lane;
    this.count = count;
    this.record = new Uint8Array(lane.maxRecordBytes);
    this.go();
  }

  private readonly go = (): void => {
    const { lane, record } = this;
    lane.wake = this.go;
    do {
      while (this.sent < this.count && lane.write(record, record.length)) this.sent++;
      lane.publish();
    } while (this.sent < this.count && !lane.prepareSleep(record.length));
  };
}
