import {
  asSealed,
  type ExitReason,
  type Home,
  hostVm,
  type Kernel,
  MotesError,
  type KernelEvent,
} from "../../kernel/index.ts";
import { forwardConsole } from "./console.ts";
import { eventLine } from "./event-line.ts";
import { Init } from "./init.ts";
import type { ToHost } from "./protocol.ts";
import type { Bell } from "./doorbell.ts";
import type { Line } from "./line.ts";
import type { PeerVm } from "./peer-vm.ts";
import { Vcpu, type VcpuBoard } from "./vcpu.ts";

/** What every guest is told at its start, however it is told. */
export interface GuestSetup {
  readonly vm: number;
  readonly place: number;
  readonly cores: number;
  readonly development: boolean;
}

/** A line that the host connects: `M` is what it hands out for that. */
export interface GuestLine<M> extends Line {
  connect(ring: M, end: "a" | "b", bell: Bell): void;
}

/**
 * The inner half of a VM on a JavaScript event loop of its own: its vCPU with the program's first actor, the line to the host, and
 * lines to other VMs as the host hands out rings. How it hears of them is its target's.
 */
export class Guest<M> {
  private readonly vcpu: Vcpu;
  private readonly board: VcpuBoard;
  private readonly place: number;
  private readonly lineTo: (kernel: Kernel, home: Home) => GuestLine<M>;

  /** `printer` is given the methods by which the program prints. Throws `IMAGE_NOT_UNIKERNEL`. */
  constructor(
    program: unknown,
    setup: GuestSetup,
    board: VcpuBoard,
    hostRing: M,
    lineTo: (kernel: Kernel, home: Home) => GuestLine<M>,
    tell: (message: ToHost) => void,
    printer: object = console,
  ) {
    const sealed = asSealed(program);
    if (sealed === undefined) {
      throw new MotesError("IMAGE_NOT_UNIKERNEL", describe(program), { got: describe(program) });
    }
    const vcpu: Vcpu = new Vcpu({
      ...setup,
      board,
      report: (event: KernelEvent) => tell({ type: "log", line: eventLine(event) }),
      connect: (home) => {
        // The host answers with a ring, or with the peer's end; until then what is sent waits in the line.
        tell({ type: "connect", peer: { host: home.host, vm: home.vm } });
        const line = this.line(home);
        vcpu.attach(home, line);
        return line.carrier;
      },
      lost: (home, { code, message }) =>
        tell({
          type: "log",
          line: { level: "error", text: `lost VM ${nameOf(home)}: ${message}`, details: { code } },
        }),
      halted: (reason) => tell({ type: "halted", reason }),
    });
    this.vcpu = vcpu;
    this.board = board;
    this.place = setup.place;
    this.lineTo = lineTo;
    const { kernel } = vcpu;
    forwardConsole(printer, kernel, (line) => tell({ type: "log", line }));
    this.ring({ host: "", vm: hostVm }, hostRing, "b", 0);
    kernel.spawn(new Init(sealed), [], null);
  }

  /** Looks at once for what has come, and does it. */
  step(): void {
    this.vcpu.step();
  }

  /** Ends it without a word to its host. */
  stop(): void {
    this.vcpu.stop();
  }

  /** A ring to another VM, of which this one has `end`; `place` is where that VM's bell is. */
  ring(peer: PeerVm, memory: M, end: "a" | "b", place: number): void {
    const home = this.home(peer);
    const line = this.line(home);
    line.connect(memory, end, this.board.doorbell(place, this.place));
    this.vcpu.attach(home, line);
  }

  /** Another VM is gone. */
  ended(peer: PeerVm, reason: ExitReason): void {
    this.vcpu.detach(this.home(peer), reason);
  }

  /** The one that the vCPU has, or a new one. */
  private line(home: Home): GuestLine<M> {
    // Sound: this guest has made every line of its vCPU.
    return (this.vcpu.line(home) as GuestLine<M> | undefined) ?? this.lineTo(this.vcpu.kernel, home);
  }

  private home({ host, vm }: PeerVm): Home {
    return this.vcpu.kernel.peers.home(host, vm);
  }
}

const nameOf = ({ host, vm }: Home): string => (host === "" ? String(vm) : `${host}.${vm}`);

function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "function") return `a function${value.name === "" ? "" : ` (${value.name})`}`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
