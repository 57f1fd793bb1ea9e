import { afterEach, describe, expect, test } from "vitest";
import { limits } from "../../../kernel/index.ts";
import type { ExitReason, Ref } from "../../../src/index.ts";
import type { BridgeChannel } from "../../../src/host/bridge.ts";
import { type Abroad, type FarWay, Wiring } from "../../../src/host/wiring.ts";
import type { Pump } from "../../../src/targets/line.ts";
import { attachRingPair, createRingPair, RingChannel, ringPairBytes } from "../../../transports/index.ts";
import { Board } from "../../../src/targets/board.ts";
import { type PeerVm, peerKey } from "../../../src/targets/peer-vm.ts";
import type { Vm } from "../../../src/targets/target.ts";
import { eventually } from "../eventually.ts";
import type { Sink } from "../fixtures/obedient.ts";
import { Lab, witnessIn } from "../lab.ts";

/** A VM that only notes what its host tells it. */
class Noting implements Vm {
  readonly told: string[] = [];
  readonly memories: SharedArrayBuffer[] = [];

  ring(peer: PeerVm, memory: SharedArrayBuffer, end: "a" | "b", place: number): void {
    this.told.push(`ring ${name(peer)} ${end} at ${place}`);
    this.memories.push(memory);
  }

  peerEnded(peer: PeerVm, reason: unknown): void {
    this.told.push(`ended ${name(peer)} ${String(reason)}`);
  }

  kill(): void {
    this.told.push("kill");
  }
}

const noCarrying = { carry: () => {}, drop: () => {} };
const alone: Abroad = { reach: () => "noconnection" };
const here = (vm: number): PeerVm => ({ host: "", vm });

function memoryOf({ memories }: Noting): SharedArrayBuffer {
  const [memory] = memories;
  if (memory === undefined) throw new Error("it was given no ring");
  return memory;
}

const name = (peer: PeerVm): string => (peer.host === "" ? String(peer.vm) : peerKey(peer));

describe("wiring: by itself", () => {
  const three = (): { wiring: Wiring; vms: Noting[]; made: () => number; released: unknown[] } => {
    const released: unknown[] = [];
    const vms = [new Noting(), new Noting(), new Noting()];
    let rings = 0;
    const wiring = new Wiring(noCarrying, alone);
    const commons = {
      board: Board.create(1),
      ring() {
        rings++;
        return new SharedArrayBuffer(8);
      },
      release: (memory: unknown) => void released.push(memory),
    };
    const domain = { apart: false, commons };
    for (const [n, handle] of vms.entries())
      wiring.add({ vm: n + 1, place: n + 11, handle, domain, ringCapacityBytes: undefined });
    return { wiring, vms, made: () => rings, released };
  };

  test("wiring: both ask at once and get the two ends of one ring", () => {
    const { wiring, vms, made } = three();
    wiring.connect(1, here(2));
    wiring.connect(2, here(1));
    wiring.connect(1, here(2));
    expect(vms.map(({ told }) => told)).toEqual([["ring 2 a at 12"], ["ring 1 b at 11"], []]);
    expect(made()).toBe(1);
    expect(vms[0]?.memories[0]).toBe(vms[1]?.memories[0]);
  });

  test("wiring: the dead, oneself, and numbers of nobody are noproc", () => {
    const { wiring, vms, made } = three();
    wiring.remove(3, "killed");
    for (const to of [3, 1, 99, Number.NaN]) wiring.connect(1, here(to));
    expect(vms[0]?.told).toEqual(["ended 3 noproc", "ended 1 noproc", "ended 99 noproc", "ended NaN noproc"]);
    wiring.connect(3, here(1));
    expect(vms[0]?.told).toHaveLength(4);
    expect(made()).toBe(0);
  });

  test("wiring: where there is no room for a ring, who asked hears noconnection, and the host goes on", () => {
    const asking = new Noting();
    const wiring = new Wiring(noCarrying, alone);
    const commons = {
      board: Board.create(1),
      ring() {
        throw new Error("ENOSPC");
      },
      release: () => {},
    };
    const domain = { apart: false, commons };
    wiring.add({ vm: 1, place: 11, handle: asking, domain, ringCapacityBytes: undefined });
    wiring.add({ vm: 2, place: 12, handle: new Noting(), domain, ringCapacityBytes: undefined });
    wiring.connect(1, here(2));
    expect(asking.told).toEqual(["ended 2 noconnection"]);
  });

  test("wiring: an end is told once to each peer that had a ring, and to nobody else", () => {
    const { wiring, vms, released } = three();
    wiring.connect(1, here(2));
    expect(released).toEqual([]);
    wiring.remove(1, "boom");
    wiring.remove(1, "boom");
    expect(released).toEqual([vms[1]?.memories[0]]);
    wiring.connect(2, here(1));
    expect(vms.map(({ told }) => told.slice(1))).toEqual([[], ["ended 1 boom", "ended 1 noproc"], []]);
    wiring.remove(2, "later");
    expect(vms[0]?.told).toHaveLength(1);
  });
});

/** A way to a VM of another host, which a test has in its hand. */
class TestWay implements FarWay {
  readonly written: string[] = [];
  readonly incoming: string[] = [];
  left: ExitReason | undefined = undefined;
  opened: () => void = () => {};
  gone: (reason: ExitReason) => void = () => {};
  readonly channel: BridgeChannel = {
    maxRecordBytes: 8192,
    ended: false,
    write: (bytes, length) => this.written.push(Buffer.from(bytes.subarray(0, length)).toString()) > 0,
    read: (target) => {
      const next = this.incoming.shift();
      return next === undefined ? -1 : Buffer.from(next).copy(target);
    },
    publish: () => false,
    waiting: false,
    prepareSleep: () => true,
    awake: () => {},
    close: () => {},
  };

  leave(reason: ExitReason): void {
    this.left = reason;
  }
}

describe("wiring: to another host", () => {
  const b7: PeerVm = { host: "b~1", vm: 7 };

  const one = (
    abroad: Abroad,
  ): { wiring: Wiring; vm: Noting; pumps: Set<Pump>; released: unknown[]; sizes: number[] } => {
    const pumps = new Set<Pump>();
    const released: unknown[] = [];
    const sizes: number[] = [];
    const vm = new Noting();
    const carrying = {
      carry: (pump: Pump) => void pumps.add(pump),
      drop: (pump: Pump) => void pumps.delete(pump),
    };
    const wiring = new Wiring(carrying, abroad);
    const commons = {
      board: Board.create(2),
      ring(capacityBytes = 0) {
        sizes.push(capacityBytes);
        const memory = new SharedArrayBuffer(ringPairBytes(capacityBytes));
        createRingPair(memory, { capacityBytes });
        return memory;
      },
      release: (memory: unknown) => void released.push(memory),
    };
    const domain = { apart: false, commons };
    wiring.add({ vm: 1, place: 1, handle: vm, domain, ringCapacityBytes: undefined });
    return { wiring, vm, pumps, released, sizes };
  };

  const turn = (pumps: ReadonlySet<Pump>): void => {
    for (const pump of pumps) pump.poll();
    for (const pump of pumps) pump.flush();
  };

  test("wiring: records go both ways, and its records fit the ring", () => {
    const way = new TestWay();
    const { wiring, vm, pumps, sizes } = one({ reach: () => way });
    wiring.connect(1, b7);
    wiring.connect(1, b7);
    expect(vm.told).toEqual([]);
    way.opened();
    expect(vm.told).toEqual(["ring b~1/7 b at 0"]);
    expect(sizes).toEqual([limits.ringCapacityBytes]);
    const end = attachRingPair(memoryOf(vm), "b", { capacityBytes: limits.ringCapacityBytes });
    const channel = new RingChannel(end);
    channel.write(Buffer.from("out"), 3);
    channel.publish();
    way.incoming.push("in");
    turn(pumps);
    expect(way.written).toEqual(["out"]);
    const record = new Uint8Array(channel.maxRecordBytes);
    expect(Buffer.from(record.subarray(0, channel.read(record))).toString()).toBe("in");
  });

  test("wiring: a VM that ends says its last, and leaves with its reason", () => {
    const way = new TestWay();
    const { wiring, vm, pumps, released } = one({ reach: () => way });
    wiring.connect(1, b7);
    way.opened();
    const channel = new RingChannel(
      attachRingPair(memoryOf(vm), "b", { capacityBytes: limits.ringCapacityBytes }),
    );
    channel.write(Buffer.from("last"), 4);
    channel.publish();
    wiring.remove(1, "boom");
    expect(released).toEqual(vm.memories);
    turn(pumps);
    expect(way).toMatchObject({ written: ["last"], left: "boom" });
    expect(pumps.size).toBe(0);
  });

  test("wiring: one that ends there is heard to its last word, and then it is told here", () => {
    const way = new TestWay();
    const { wiring, vm, pumps, released } = one({ reach: () => way });
    wiring.connect(1, b7);
    way.opened();
    way.incoming.push("last");
    way.gone("killed");
    expect(vm.told).toHaveLength(1);
    turn(pumps);
    expect(vm.told).toEqual(["ring b~1/7 b at 0", "ended b~1/7 killed"]);
    expect(released).toEqual(vm.memories);
    expect(pumps.size).toBe(0);
    // Both have ended: nobody is told.
    wiring.remove(1, "boom");
    expect(way.left).toBeUndefined();
  });

  test("wiring: who is not there, is told before there is a ring; and who has ended asks no more", () => {
    const way = new TestWay();
    const { wiring, vm, sizes } = one({ reach: () => way });
    wiring.connect(1, b7);
    way.gone("noproc");
    expect(vm.told).toEqual(["ended b~1/7 noproc"]);
    const next = new TestWay();
    const other = one({ reach: () => next });
    other.wiring.connect(1, b7);
    other.wiring.remove(1, "boom");
    expect(next.left).toBe("boom");
    expect([...sizes, ...other.sizes]).toEqual([]);
  });

  test("wiring: where there is no way, who asked hears why", () => {
    const { wiring, vm, released } = one({
      reach: (_vm, { vm: to }) => (to === 7 ? "noproc" : "noconnection"),
    });
    wiring.connect(1, b7);
    wiring.connect(1, { host: "c~1", vm: 1 });
    expect(vm.told).toEqual(["ended b~1/7 noproc", "ended c~1/1 noconnection"]);
    expect(released).toEqual([]);
  });

  test("wiring: VMs of other hosts ask for those that are there, once", () => {
    const [first, second, toNobody] = [new TestWay(), new TestWay(), new TestWay()];
    const { wiring, vm } = one(alone);
    wiring.accept(1, b7, first);
    wiring.accept(1, b7, second);
    wiring.accept(2, b7, toNobody);
    expect(vm.told).toEqual(["ring b~1/7 b at 0"]);
    expect([first, second, toNobody].map(({ left }) => left)).toEqual([undefined, "noconnection", "noproc"]);
  });
});

describe("wiring: of VMs", () => {
  const lab = new Lab();
  afterEach(() => lab.close());

  test("wiring: ten VMs talk all to all from the first moment, in order and without loss", async () => {
    const { host, journal } = lab.host();
    const vms = await lab.boots(host, 10);
    const sinks: Ref<Sink>[] = await Promise.all(vms.map(({ root }) => host.self.call(root, "sink")));
    // All at once: most pairs turn to each other in the same moment.
    for (const [n, { root }] of vms.entries())
      for (const sink of sinks) host.self.cast(root, "burst", sink, `${n}`, [10, 500, 0], 100);
    for (const sink of sinks) {
      const tally = await eventually(
        () => host.self.call(sink, "tally"),
        ({ count }) => count >= 1000,
      );
      expect(tally).toMatchObject({ count: 1000, outOfOrder: 0 });
    }
    // One dies: each of the others hears of it, and all their other rings go on.
    const [doomed, ...others] = vms;
    if (doomed === undefined) throw new Error("ten were booted");
    const watches = await Promise.all(others.map(({ root }) => host.self.call(root, "witness", doomed.root)));
    await Promise.all(others.map(({ root }) => host.self.call(root, "add", doomed.root)));
    await doomed.kill();
    for (const watch of watches) {
      const seen = await eventually(
        () => host.self.call(watch, "seen"),
        ({ length }) => length >= 2,
      );
      expect(seen.map(({ reason }) => reason)).toEqual(["killed", "killed"]);
    }
    for (const { root } of others)
      for (const { root: to } of others)
        expect(await host.self.call(root, "codeOf", to)).toMatch(/none|CALL_SELF/);
    expect(journal.matching(/lost|broken|corrupt/i)).toEqual([]);
  });

  test("wiring: a VM that was dead before anybody turned to it", async () => {
    const { host, journal } = lab.host();
    const [a, b] = await lab.boots(host, 2);
    if (a === undefined || b === undefined) throw new Error("two were booted");
    const atB = await host.self.call(b.root, "sink");
    await b.kill();
    const watch = await host.self.call(a.root, "witness", b.root);
    const seen = await eventually(
      () => host.self.call(watch, "seen"),
      ({ length }) => length >= 2,
    );
    expect(seen.map(({ how, reason }) => `${how} ${String(reason)}`).sort()).toEqual([
      "link noproc",
      "monitor noproc",
    ]);
    expect(await host.self.call(a.root, "codeOf", b.root)).toBe("CALL_EXIT");
    host.self.cast(a.root, "burst", atB, "a", [0], 3);
    expect((await journal.until(/dead letter/)).text).toContain(String(atB));
  });

  test("wiring: a VM that dies in a burst: heard once, then dead letters, and the other rings go on", async () => {
    const { host, journal } = lab.host();
    const [a, b, c] = await lab.boots(host, 3);
    if (a === undefined || b === undefined || c === undefined) throw new Error("three were booted");
    const [atB, atC, watch] = await Promise.all([
      host.self.call(b.root, "sink"),
      host.self.call(c.root, "sink"),
      host.self.call(a.root, "witness", b.root),
    ]);
    const here = witnessIn(host, b.root);
    host.self.cast(a.root, "endless", atB, "a");
    host.self.cast(a.root, "endless", atC, "a");
    await eventually(
      () => host.self.call(atB, "tally"),
      ({ count }) => count > 2000,
    );
    await b.kill();
    expect((await journal.until(/dead letters? to/)).text).toContain(`to ${String(atB)}`);
    const before = await host.self.call(atC, "tally");
    const after = await eventually(
      () => host.self.call(atC, "tally"),
      ({ count }) => count > before.count + 2000,
    );
    expect(after.outOfOrder).toBe(0);
    const seen = await host.self.call(watch, "seen");
    expect(seen.map(({ how, reason }) => `${how} ${String(reason)}`).sort()).toEqual([
      "link killed",
      "monitor killed",
    ]);
    expect(here).toHaveLength(2);
    expect(host.running).toHaveLength(2);
  });
});
