import { afterEach, describe, expect, test } from "vitest";
import {
  process,
  refTo,
  selfOf,
  behaviorOf,
  type ExitReason,
  type Home,
  type MotesError,
  type Ref,
  type Self,
} from "../../kernel/index.ts";
import { attachRingPair, createRingPair, RingChannel, ringPairBytes } from "../../transports/index.ts";
import { Board } from "../../src/targets/board.ts";
import { RingLine } from "../../src/targets/ring-line.ts";
import { Vcpu } from "../../src/targets/vcpu.ts";

type Asked = {
  readonly type: "$call";
  readonly op: "op";
  readonly args: readonly [];
  readonly reply: (value: number) => void;
};

/** Lives until it is told to end. */
const idle = behaviorOf(
  process(function* (self: Self<never>) {
    yield* self.receive();
  }),
);

/** Several vCPUs on one event loop, and what they say of lost peers. */
class Vcpus {
  readonly board: Board = Board.create(8);
  readonly lost: { readonly by: number; readonly peer: number; readonly code: string }[] = [];
  readonly all: Vcpu[] = [];
  private listeners: (() => void)[] = [];

  make(vm: number): Vcpu {
    const lost = (by: number, { vm: peer }: Home, { code }: MotesError): void => {
      this.lost.push({ by, peer, code });
      for (const listener of this.listeners) listener();
    };
    const vcpu = new Vcpu({
      vm,
      development: true,
      board: this.board,
      place: vm,
      cores: 0,
      report: () => {},
      connect: () => undefined,
      lost: (home, why) => lost(vm, home, why),
      halted: () => {},
    });
    this.all.push(vcpu);
    return vcpu;
  }

  /** The end `b` of a ring to a VM that has `a`. */
  wire(vcpu: Vcpu, peer: number, memory: SharedArrayBuffer, end: "a" | "b"): void {
    const home = vcpu.kernel.peers.home("", peer);
    const line = new RingLine(vcpu.kernel, home);
    line.connect(memory, end, this.board.doorbell(peer));
    vcpu.attach(home, line);
  }

  pair(one: Vcpu, two: Vcpu): SharedArrayBuffer {
    const memory = ring();
    const [first, second] = [one.kernel.home.vm, two.kernel.home.vm];
    this.wire(one, second, memory, "a");
    this.wire(two, first, memory, "b");
    return memory;
  }

  async until(count: number): Promise<void> {
    while (this.lost.length < count) await new Promise<void>((done) => void this.listeners.push(done));
  }
}

function ring(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(ringPairBytes());
  createRingPair(memory);
  return memory;
}

/** Monitors what is asked for, and hands each reason to whoever waits for it. */
function watcher(vcpu: Vcpu): {
  readonly down: (ref: Ref<never>) => Promise<ExitReason>;
  readonly self: Self<never>;
} {
  const waits = new Map<number, (reason: ExitReason) => void>();
  const cell = vcpu.kernel.spawn(
    behaviorOf(
      process(function* (self: Self<never>) {
        for (;;) {
          const message: unknown = yield* self.receive();
          const { monitor, reason } = message as { readonly monitor: number; readonly reason: ExitReason };
          waits.get(monitor)?.(reason);
        }
      }),
    ),
    [],
    null,
  );
  const self = selfOf<never>(cell);
  return { self, down: (ref) => new Promise((done) => void waits.set(self.monitor(ref), done)) };
}

/** An address in another VM that answers `noproc`, for as long as that VM can be reached. */
const nobody = (from: Vcpu, vm: number): Ref<never> => refTo<never>(from.kernel.address("", vm, 999));

describe("broken line", () => {
  let vcpus = new Vcpus();
  afterEach(() => {
    for (const vcpu of vcpus.all) vcpu.stop();
    vcpus = new Vcpus();
  });

  test("broken line: a peer that sends nonsense is lost with noconnection, once, and the others go on", async () => {
    const [one, three] = [vcpus.make(1), vcpus.make(3)];
    const memory = ring();
    vcpus.wire(one, 2, memory, "a");
    vcpus.pair(one, three);
    const forger = new RingChannel(attachRingPair(memory, "b"));
    const { self, down } = watcher(one);
    const inTwo = refTo<never>(one.kernel.address("", 2, 1));
    const reason = down(inTwo);
    const call = self.callWithin(10_000, refTo<Asked>(one.kernel.address("", 2, 1)), "op");
    const failed = expect(call).rejects.toMatchObject({
      code: "CALL_EXIT",
      details: { reason: "noconnection" },
    });
    forger.write(Uint8Array.of(99, 98, 97), 3);
    if (forger.publish()) vcpus.board.doorbell(1).ring();
    expect(await reason).toBe("noconnection");
    await failed;
    expect(await down(inTwo)).toBe("noconnection");
    // The forger finds its end closed.
    while (forger.read(new Uint8Array(forger.maxRecordBytes)) >= 0);
    expect(forger.ended).toBe(true);
    expect(vcpus.lost).toEqual([{ by: 1, peer: 2, code: "FRAME_CORRUPT" }]);
    // VM 3 answers as before.
    expect(await down(nobody(one, 3))).toBe("noproc");
    expect(vcpus.lost).toHaveLength(1);
  });

  test("broken line: both ends lose each other, and a third VM loses nobody", async () => {
    const [one, two, three] = [vcpus.make(1), vcpus.make(2), vcpus.make(3)];
    const memory = vcpus.pair(one, two);
    vcpus.pair(two, three);
    const atOne = watcher(one);
    const atTwo = watcher(two);
    const cell = two.kernel.spawn(idle, [], null);
    const back = one.kernel.spawn(idle, [], null);
    const reasons = [
      atOne.down(refTo<never>(one.kernel.address("", 2, cell.ref.serial))),
      atTwo.down(refTo<never>(two.kernel.address("", 1, back.ref.serial))),
    ];
    // What was asked last is answered: all is quiet.
    expect(await atOne.down(nobody(one, 2))).toBe("noproc");
    expect(await atTwo.down(nobody(two, 1))).toBe("noproc");
    // Nonsense as the producer's index, where the ring to VM 2 begins.
    const header = new Int32Array(memory);
    header[32] = 4;
    vcpus.board.doorbell(2).ring();
    expect(await Promise.all(reasons)).toEqual(["noconnection", "noconnection"]);
    await vcpus.until(2);
    expect(vcpus.lost.map(({ by, peer }) => [by, peer]).sort()).toEqual([
      [1, 2],
      [2, 1],
    ]);
    expect(vcpus.lost.map(({ code }) => code).sort()).toEqual(["CARRIER_CLOSED", "RING_CORRUPT"]);
    expect(await atTwo.down(nobody(two, 3))).toBe("noproc");
  });

  test("broken line: a VM that stops in order is not taken for a broken one", async () => {
    const [one, two, three] = [vcpus.make(1), vcpus.make(2), vcpus.make(3)];
    vcpus.pair(one, two);
    vcpus.pair(one, three);
    const { down } = watcher(one);
    const cell = two.kernel.spawn(idle, [], null);
    const reason = down(refTo<never>(one.kernel.address("", 2, cell.ref.serial)));
    expect(await down(nobody(one, 2))).toBe("noproc");
    two.stop();
    // VM 1 looks at all its lines meanwhile.
    expect(await down(nobody(one, 3))).toBe("noproc");
    one.detach(one.kernel.peers.home("", 2), { type: "shutdown", detail: "by the host" });
    expect(await reason).toEqual({ type: "shutdown", detail: "by the host" });
    expect(vcpus.lost).toEqual([]);
  });

  test("line: who waits for room hears of it, also if the first flush makes it", () => {
    const one = vcpus.make(1);
    const { kernel } = one;
    const home = kernel.peers.home("", 2);
    const line = new RingLine(kernel, home);
    one.attach(home, line);
    const sender = selfOf<never>(kernel.spawn(idle, [], null));
    const to = refTo<{ readonly type: "text"; readonly text: string }>(kernel.address("", 2, 3));
    while (!line.congested) sender.send(to, { type: "text", text: "x".repeat(10_000) });
    const wait = sender.drained(to);
    expect(wait.open).toBe(true);
    line.connect(ring(), "a", vcpus.board.doorbell(2));
    line.flush();
    expect(line.congested).toBe(false);
    expect(wait.open).toBe(false);
  });

  test("line: what was sent to a VM that is not there is reported, not forgotten", () => {
    const vcpus = new Vcpus();
    const one = vcpus.make(1);
    const { kernel } = one;
    const home = kernel.peers.home("", 7);
    const line = new RingLine(kernel, home);
    one.attach(home, line);
    const sender = selfOf<never>(kernel.spawn(idle, [], null));
    const nobody = refTo<{ readonly type: "hello" }>(kernel.address("", 7, 3));
    for (let n = 0; n < 3; n++) sender.send(nobody, { type: "hello" });
    one.detach(home, "noproc");
    expect(kernel.deadLetters.total).toBe(3);
    sender.send(nobody, { type: "hello" });
    expect(kernel.deadLetters.total).toBe(4);
    one.stop();
  });
});
