import { describe, expect, test } from "vitest";
import {
  Address,
  asSealed,
  hostVm,
  Kernel,
  process,
  unikernel,
  type BootOptions,
  type BootRequest,
  type BootResult,
  type Carrier,
  type Home,
  type Self,
  type SignalSink,
  type Wait,
} from "../../kernel/index.ts";
import { die } from "../../kernel/death.ts";
import { supervisor, vm, type ChildOptions } from "../../supervisors/index.ts";
import { TestPlatform } from "../support/test-platform.ts";
import { Stage } from "./stage.ts";

const shard = unikernel({
  name: "shard",
  root: process(function* (self: Self<never>, obeys: boolean): Generator<Wait<unknown>, void, unknown> {
    if (!obeys) self.trapExits();
    for (;;) yield* self.receive("exit");
  }),
});

const carrierInto = (kernel: Kernel, from: Home): Carrier =>
  Object.assign(Object.create(kernel.inbound(from)) as SignalSink, { congested: false });

/** A toolstack in memory: boots kernels beside the stage's, and kills them. */
class Toolstack {
  readonly vms: Map<number, Kernel> = new Map();
  readonly requests: BootRequest[] = [];
  readonly killed: number[] = [];
  refuses = false;
  private readonly stage: Stage;

  constructor(stage: Stage) {
    this.stage = stage;
    stage.kernel.testPlatform.connectTo = (home) => {
      if (home.vm === hostVm) return this.line();
      const kernel = this.vms.get(home.vm);
      return kernel === undefined ? undefined : carrierInto(kernel, kernel.peers.home("", 1));
    };
  }

  run(): void {
    for (let i = 0; i < 10; i++) {
      this.stage.kernel.runReady();
      for (const kernel of this.vms.values()) kernel.turn();
    }
  }

  end(vm: number, reason: string): void {
    for (const cell of this.vms.get(vm)?.actors() ?? []) die(cell, reason);
    this.run();
  }

  private line(): Carrier {
    const { stage } = this;
    const back = (): SignalSink => stage.kernel.inbound(stage.kernel.peers.home("", hostVm));
    return {
      congested: false,
      call: (_to, from, id, op, args) => {
        if (op === "boot") return back().reply(id, true, this.boot(from, args[0] as BootRequest));
        expect(op).toBe("kill");
        this.killed.push(args[0] as number);
        back().reply(id, true, undefined);
        this.end(args[0] as number, "killed");
      },
      message: () => {},
      reply: () => {},
      control: () => {},
    };
  }

  private boot(from: number, request: BootRequest): BootResult {
    this.requests.push(request);
    if (this.refuses) return { type: "failed", reason: "no room" };
    const number = 2 + this.vms.size;
    const kernel = new Kernel(new TestPlatform(), { vm: number });
    this.vms.set(number, kernel);
    // The platform of the other end learns of a new line, too.
    const home = kernel.peers.home("", 1);
    home.carrier = carrierInto(this.stage.kernel, this.stage.kernel.peers.home("", number));
    const entry = asSealed(shard)?.entries.get(request.entry);
    if (entry === undefined) throw new Error("no such entry");
    const root = kernel.root.spawn(entry.root, request.args, new Address(home, from, null));
    kernel.turn();
    return { type: "booted", vm: number, root: stageRef(this.stage, number, root.ref.serial) };
  }
}

const stageRef = (stage: Stage, number: number, serial: number): never =>
  stage.kernel.address("", number, serial) as never;

function started(obeys: boolean, options: ChildOptions = {}): [Stage, Toolstack, ReturnType<typeof treeOf>] {
  const stage = new Stage();
  const toolstack = new Toolstack(stage);
  return [stage, toolstack, treeOf(stage, toolstack, obeys, options)];
}

function treeOf(stage: Stage, toolstack: Toolstack, obeys: boolean, options: ChildOptions) {
  const tree = supervisor({
    children: { shard: vm(shard, [obeys], { ...options, name: "shard-0", memoryMb: 32 }) },
  });
  const wait = stage.self.start(tree);
  toolstack.run();
  return stage.result(wait);
}

describe("vm", () => {
  test("vm: a whole VM as a child is booted, and booted anew when its root ends", () => {
    const [stage, toolstack, { ref }] = started(true);
    expect(toolstack.requests).toEqual([{ entry: "shard", args: [true], name: "shard-0", memoryMb: 32 }]);
    toolstack.end(2, "boom");
    expect(stage.reports()).toEqual(["child_terminated shard boom"]);
    const [child] = stage.result(stage.self.call(ref, "whichChildren"));
    expect([child?.type, child?.state, child?.incarnation?.vm]).toEqual(["vm", "running", 3]);
  });

  test("vm: every option of a boot reaches the host, those of the child do not", () => {
    const boot: Required<BootOptions> = {
      name: "shard-1",
      host: "elsewhere",
      image: "other",
      target: "wasm",
      memoryMb: 8,
      watchdogMs: 100,
      bootTimeoutMs: 200,
      devices: ["log"],
      vmsMax: 3,
    };
    const stage = new Stage();
    const toolstack = new Toolstack(stage);
    const children = { shard: vm(shard, [true], { ...boot, shutdown: 10, restart: "transient" }) };
    const wait = stage.self.start(supervisor({ children }));
    toolstack.run();
    stage.result(wait);
    expect(toolstack.requests).toEqual([{ entry: "shard", args: [true], ...boot }]);
  });

  test("vm: stopped by the exit signal shutdown to its root", () => {
    const [stage, toolstack, { ref }] = started(true);
    stage.self.exit(ref, "shutdown");
    toolstack.run();
    expect([...(toolstack.vms.get(2)?.actors() ?? [])]).toEqual([]);
    expect(stage.ended).toContain(ref.toString());
    expect([toolstack.killed, stage.reports()]).toEqual([[], []]);
  });

  test("vm: one that does not obey is killed by its host when its time is over", () => {
    const [stage, toolstack, { ref }] = started(false, { shutdown: 100 });
    const done = stage.self.call(ref, "terminateChild", "shard");
    toolstack.run();
    stage.advance(99);
    expect(toolstack.killed).toEqual([]);
    stage.advance(1);
    toolstack.run();
    expect(toolstack.killed).toEqual([2]);
    expect(stage.result(done)).toEqual({ ok: true });
    expect(stage.reports()).toEqual(["shutdown_error shard killed"]);
  });

  test("vm: brutal_kill asks the host at once", () => {
    const [stage, toolstack, { ref }] = started(false, { shutdown: "brutal_kill" });
    const done = stage.self.call(ref, "terminateChild", "shard");
    toolstack.run();
    expect(toolstack.killed).toEqual([2]);
    expect([stage.result(done), stage.reports()]).toEqual([{ ok: true }, []]);
  });

  test("vm: a VM that does not boot is a failed start", () => {
    const stage = new Stage();
    const toolstack = new Toolstack(stage);
    toolstack.refuses = true;
    const wait = stage.self.start(supervisor({ children: { shard: vm(shard, [true]) } }));
    toolstack.run();
    expect(stage.failure(wait)).toMatchObject({
      details: { reason: { detail: { id: "shard", reason: "no room" } } },
    });
  });
});
