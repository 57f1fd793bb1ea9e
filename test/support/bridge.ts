import {
  Address,
  CastMessage,
  type Carrier,
  type ControlKind,
  type ExitReason,
  type Kernel,
  type Message,
} from "../../kernel/index.ts";
import { testKernel, type TestKernel } from "./test-platform.ts";

/** A carrier in memory: what goes in waits until the test delivers it. Addresses arrive as the receiver's own, functions are refused. */
export class Bridge implements Carrier {
  congested = false;
  /** Every message and call is refused, as at the hard bound of a carrier. */
  full = false;
  readonly queue: (() => void)[] = [];
  private readonly to: Kernel;
  private readonly sink: ReturnType<Kernel["inbound"]>;

  constructor(from: Kernel, to: Kernel) {
    this.to = to;
    this.sink = to.inbound(to.peers.home(from.home.host, from.home.vm));
  }

  get saturated(): boolean {
    return this.sink.saturated;
  }

  message(to: number, message: Message): void {
    this.refuse(message);
    const copy = this.copy(message) as Message;
    this.queue.push(() => this.sink.message(to, copy));
  }

  call(to: number, from: number, id: number, op: string, args: readonly unknown[]): void {
    this.refuse(args);
    const copy = this.copy(args) as readonly unknown[];
    this.queue.push(() => this.sink.call(to, from, id, op, copy));
  }

  reply(id: number, ok: boolean, value: unknown): void {
    const copy = this.copy(value);
    this.queue.push(() => this.sink.reply(id, ok, copy));
  }

  control(kind: ControlKind, to: number, from: number, id: number, reason: ExitReason | undefined): void {
    this.queue.push(() => this.sink.control(kind, to, from, id, reason));
  }

  /** As the receiver would read it: not while it is saturated. The number of signals. */
  deliver(max = Infinity): number {
    let count = 0;
    while (count < max && !this.sink.saturated) {
      const signal = this.queue.shift();
      if (signal === undefined) break;
      count++;
      signal();
    }
    return count;
  }

  private refuse(what: unknown): void {
    if (this.full) throw Object.assign(new Error("full"), { code: "CARRIER_FULL", what });
  }

  private copy(value: unknown): unknown {
    if (value instanceof Address) return this.to.address(value.host, value.vm, value.serial);
    if (value instanceof CastMessage)
      return new CastMessage(value.op, this.copy(value.args) as readonly unknown[]);
    if (Array.isArray(value)) return value.map((item) => this.copy(item));
    if (typeof value === "function")
      throw Object.assign(new Error("a function"), { code: "MESSAGE_NOT_COPYABLE" });
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.copy(item)]));
  }
}

/** Several VMs on one virtual clock, joined by bridges that come to be at the first signal. */
export class World {
  private readonly vms = new Map<number, TestKernel>();
  private readonly bridges = new Map<string, Bridge>();

  vm(number: number): TestKernel {
    const made = testKernel(number);
    made.platform.connectTo = ({ vm }) => (this.vms.has(vm) ? this.bridge(number, vm) : undefined);
    this.vms.set(number, made);
    return made;
  }

  bridge(from: number, to: number): Bridge {
    const known = this.bridges.get(`${from}-${to}`);
    if (known !== undefined) return known;
    const there = this.join(from, to);
    this.join(to, from);
    return there;
  }

  /** Delivers and turns until nothing moves any more. */
  run(): void {
    for (let moved = 1; moved > 0; ) {
      moved = 0;
      for (const { kernel } of this.vms.values()) {
        while (kernel.turn() === 0);
      }
      for (const bridge of this.bridges.values()) moved += bridge.deliver();
    }
  }

  /** One VM alone takes what is on its way to it. */
  hear({ home }: Kernel): void {
    for (const [key, bridge] of this.bridges) if (key.endsWith(`-${home.vm}`)) bridge.deliver();
    for (const { kernel } of this.vms.values()) if (kernel.home === home) while (kernel.turn() === 0);
  }

  /** The VM dies with all that is on its way to it and from it; the others hear of it. */
  lose(vm: number, reason: ExitReason = "noconnection"): void {
    this.vms.delete(vm);
    for (const key of this.bridges.keys()) {
      if (key.split("-").includes(String(vm))) this.bridges.delete(key);
    }
    for (const { kernel } of this.vms.values()) kernel.peers.lost(kernel.peers.home("", vm), reason);
  }

  private join(from: number, to: number): Bridge {
    const a = this.kernel(from);
    const bridge = new Bridge(a, this.kernel(to));
    this.bridges.set(`${from}-${to}`, bridge);
    a.peers.home("", to).carrier = bridge;
    return bridge;
  }

  private kernel(vm: number): Kernel {
    const found = this.vms.get(vm);
    if (found === undefined) throw new Error(`no VM ${vm}`);
    return found.kernel;
  }
}
