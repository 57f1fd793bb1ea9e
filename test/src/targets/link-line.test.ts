/** A line that drains lets its senders go on, also when nothing else ever wakes their vCPU. */
import { expect, test } from "vitest";
import { actor, behaviorOf, limits, refTo, type Ref, type Self } from "../../../kernel/index.ts";
import { portableText } from "../../../transports/wire/index.ts";
import type { Bell } from "../../../src/targets/doorbell.ts";
import { LinkLine, type SleepyChannel } from "../../../src/targets/link-line.ts";
import { Vcpu } from "../../../src/targets/vcpu.ts";

type Load = { readonly type: "load"; readonly bytes: Uint8Array };
type Told = { readonly type: "flood"; readonly to: Ref<Load> } | { readonly type: "next" };

/** Refuses so many writes, takes all the others, and has nothing to read. */
class Narrow implements SleepyChannel {
  readonly maxRecordBytes = 64 * 1024;
  readonly waiting = false;
  readonly ended = false;
  refusals = 0;

  write(): boolean {
    return this.refusals-- <= 0;
  }

  read(): number {
    return -1;
  }

  publish(): boolean {
    return false;
  }

  prepareSleep(): boolean {
    return true;
  }

  awake(): void {}
  close(): void {}
}

class NarrowLine extends LinkLine {
  connect(channel: Narrow, bell: Bell): void {
    this.open(channel, bell);
  }
}

/** A vCPU that is woken by `ring` and nothing else, asleep; its actor floods a line as soon as that refuses so many writes. */
class Flooding {
  readonly taken: string[] = [];
  ring = (): void => {};
  private slept = (): void => {};
  private readonly vcpu: Vcpu;
  private readonly channel = new Narrow();

  constructor() {
    const bell: Bell = {
      ring: () => {},
      arm: () => {},
      wait: (woken) => {
        this.ring = woken;
        this.slept();
        return false;
      },
    };
    this.vcpu = new Vcpu({
      vm: 1,
      development: false,
      board: { doorbell: () => bell, turned: () => {}, setAwake: () => {}, awakeVms: Infinity },
      place: 1,
      cores: 0,
      report: () => {},
      connect: () => undefined,
      lost: () => {},
      halted: () => {},
    });
    const { kernel } = this.vcpu;
    const home = kernel.peers.home("", 2);
    const line = new NarrowLine(kernel, home, portableText);
    line.connect(this.channel, bell);
    this.vcpu.attach(home, line);
  }

  asleep(): Promise<void> {
    return new Promise((resolve) => {
      this.slept = resolve;
    });
  }

  flood(refusals: number): void {
    this.channel.refusals = refusals;
    const { kernel } = this.vcpu;
    const { taken } = this;
    const flooder = actor({
      init: (self: Self<Told>) => self,
      info: {
        flood: (self, { to }) => {
          taken.push("flood");
          const bytes = new Uint8Array(limits.linkQueueBytesSoft / 32);
          const load: Load = { type: "load", bytes };
          for (let n = 0; n < 40; n++) self.send(to, load);
        },
        next: () => void taken.push("next"),
      },
    });
    const cell = kernel.spawn(behaviorOf(flooder), [], null);
    const flood: Told = { type: "flood", to: refTo<Load>(kernel.address("", 2, 1)) };
    kernel.deliver(cell, flood);
    kernel.deliver(cell, { type: "next" });
  }
}

test("line: congested for a moment only, within one turn: its sender takes its next message before the VM sleeps", async () => {
  const vm = new Flooding();
  await vm.asleep();
  vm.flood(1);
  await vm.asleep();
  expect(vm.taken).toEqual(["flood", "next"]);
});

test("line: drained after a while: its sender takes its next message, though nothing comes in and no timer is set", async () => {
  const vm = new Flooding();
  await vm.asleep();
  vm.flood(2);
  await vm.asleep();
  expect(vm.taken).toEqual(["flood"]);
  const again = vm.asleep();
  vm.ring();
  await again;
  expect(vm.taken).toEqual(["flood", "next"]);
});
