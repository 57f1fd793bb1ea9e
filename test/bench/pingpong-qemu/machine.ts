/**
 * An actor of this process and one in a hardware VM, one message in flight. The host of motes never spins, so this has a vCPU of its
 * own in its place, which does. `sleep`: nobody spins, so every message has to wake its receiver by the serial port.
 */
import { fileURLToPath } from "node:url";
import {
  process as actorProcess,
  refTo,
  selfOf,
  behaviorOf,
  type Ref,
  type Self,
} from "../../../kernel/index.ts";
import { bundle, qemu } from "../../../src/index.ts";
import type { InitProtocol } from "../../../src/targets/init.ts";
import { RingLine } from "../../../src/targets/ring-line.ts";
import { Vcpu } from "../../../src/targets/vcpu.ts";
import type { Ponger } from "../apps/ponger.ts";
import { askedCount, printSample } from "../contender.ts";

const cores = process.argv.includes("sleep") ? 0 : 2;
const count = askedCount();
const commons = qemu.commons(2);
const { board } = commons;
const say = (text: string): void => void process.stderr.write(`${text}\n`);
const vcpu = new Vcpu({
  vm: 0,
  development: false,
  board,
  place: 0,
  cores,
  report: (event) => say(JSON.stringify(event)),
  connect: () => undefined,
  lost: (_home, why) => say(why.message),
  halted: () => {},
});
const image = await bundle(fileURLToPath(new URL("../apps/ponger.js", import.meta.url)));
const hostRing = commons.ring();
let gone: () => void = () => {};
const ended = new Promise<void>((done) => {
  gone = done;
});
const machine = qemu.boot(
  {
    vm: 1,
    name: "ponger",
    image,
    commons,
    place: 1,
    cores,
    development: false,
    memoryMb: 256,
    devices: undefined,
    hostRing,
  },
  { connect: () => {}, log: ({ text }) => say(text), ended: () => gone() },
);
const { kernel } = vcpu;
const home = kernel.peers.home("", 1);
const line = new RingLine(kernel, home);
line.connect(hostRing, "a", board.doorbell(1));
vcpu.attach(home, line);

interface Pong {
  readonly type: "pong";
  readonly n: number;
}

/** Each round trip begins when the last one is back. */
const play = actorProcess(function* (
  self: Self<Pong>,
  to: Ref<Ponger>,
  rounds: number,
  done: (sum: number, tookMs: Float64Array) => void,
) {
  let sum = 0;
  const tookMs = new Float64Array(rounds);
  for (let n = rounds; n > 0; n--) {
    const startMs = performance.now();
    self.send(to, { type: "ping", from: self.ref, n });
    sum += (yield* self.receive("pong")).n;
    tookMs[n - 1] = performance.now() - startMs;
  }
  done(sum, tookMs);
});

const outside = selfOf<never>(
  kernel.spawn(
    behaviorOf(
      actorProcess(function* (self: Self<never>) {
        for (;;) yield* self.receive();
      }),
    ),
    [],
    null,
  ),
);
const init = refTo<InitProtocol>(kernel.address("", 1, 1));
const booted = await outside.callWithin(120_000, init, "init", {
  entry: undefined,
  args: undefined,
  owner: outside.ref,
});
if (booted.type !== "booted") throw new Error(`the VM did not boot: ${JSON.stringify(booted)}`);
const { root } = booted;
const round = (rounds: number): Promise<{ sum: number; tookMs: Float64Array }> =>
  new Promise((resolve) => {
    // Sound: that program's root.
    outside.spawn(play, root as Ref<never> as Ref<Ponger>, rounds, (sum, tookMs) => resolve({ sum, tookMs }));
  });
await round(Math.ceil(count / 5));
const startMs = performance.now();
const { sum, tookMs } = await round(count);
const elapsedMs = performance.now() - startMs;
machine.kill("killed");
await ended;
vcpu.stop();
commons.close();
const p50Ms = tookMs.sort()[tookMs.length >> 1] ?? Number.NaN;
printSample({
  work: count,
  elapsedNs: Math.round(elapsedMs * 1e6),
  check: String(sum),
  extra: { p50Ms },
});
process.exit(0);
