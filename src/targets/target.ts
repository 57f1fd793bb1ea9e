import type { Device, ExitReason } from "../../kernel/index.ts";
import type { AnyImage } from "../image/image.ts";
import type { Board } from "./board.ts";
import type { PeerVm } from "./peer-vm.ts";
import type { RingMemory } from "./ring-line.ts";

/** A VM to be made: one vCPU that runs `image`, with a ring to the host from the start. */
export interface VmSpec {
  readonly vm: number;
  /** For logs. */
  readonly name: string;
  readonly image: AnyImage;
  /** As the target has made it. */
  readonly commons: Commons;
  /** Its place on the board. */
  readonly place: number;
  readonly cores: number;
  readonly development: boolean;
  /** Heap in MiB. */
  readonly memoryMb: number;
  /** What it is given from outside. Undefined: all that the target has. */
  readonly devices: readonly Device[] | undefined;
  /** The ring to the host's own VM; the guest has end `b`. */
  readonly hostRing: RingMemory;
  /** What its target has made ready for such a VM, to be used up. */
  readonly blank?: Blank | undefined;
}

/** What a blank is made for. */
export interface BlankSpec {
  /** Heap in MiB. */
  readonly memoryMb: number;
  /** Whether the VM will be given the environment. */
  readonly env: boolean;
  /** Whether it will be given processes. */
  readonly spawns: boolean;
  /** Whose top level it has run already, so that it can run nothing else. Undefined: it does not know yet. */
  readonly program?: Program | undefined;
}

/** Of a VM: what it runs, and with which ways out. */
export interface Program {
  readonly image: AnyImage;
  readonly devices: readonly Device[] | undefined;
}

/** The machinery of a VM that is not there yet: of no number, with no actor, and known to nobody. */
export interface Blank {
  /** It waits to be booted, and runs nothing meanwhile. Rejects if it ends before that. */
  readonly ready: Promise<void>;
  /** Nothing is left of it, or of the VM that has used it up. */
  readonly ended: Promise<void>;
  /** Reads this image in advance: it may be booted with another one, later. Nothing of it runs. */
  load(image: AnyImage): void;
  /** Ends it, if no VM has used it up; resolves when nothing is left of it. */
  close(): Promise<void>;
}

/** What the host is told by the machinery of a VM, apart from its rings. */
export interface VmEvents {
  /** It wants a ring to another VM. */
  connect(peer: PeerVm): void;
  log(line: LogLine): void;
  /** It has stopped and nothing of it is left. Once, and last. */
  ended(reason: ExitReason): void;
}

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly text: string;
  /** The actor that wrote it, where that is known. */
  readonly actor?: string;
  readonly label?: string;
  readonly details?: object;
}

/** One running VM, for the host that owns it. */
export interface Vm {
  /** Gives it a ring to another VM, of which it has `end`; `place` is where that VM's bell is on the board. */
  ring(peer: PeerVm, memory: RingMemory, end: "a" | "b", place: number): void;
  /** Another VM is gone. */
  peerEnded(peer: PeerVm, reason: ExitReason): void;
  /** Ends it, whatever it does. `ended` follows, with this reason unless it had ended by itself. */
  kill(reason: ExitReason): void;
  /**
   * Its vCPU does not run, as soon as its turn is over, until it is let go; then it goes on where it was. What is for it waits. Where
   * there is no such method it cannot be held.
   */
  hold?(held: boolean): void;
}

/** What a host and some of its VMs see together, and gone when the host has stopped. */
export interface Commons {
  readonly board: Board;
  /** A fresh pair of rings, each of so many bytes. Default: `limits.ringCapacityBytes`. */
  ring(capacityBytes?: number): RingMemory;
  /** A ring that none of its VMs will be given any more. */
  release(ring: RingMemory): void;
  close(): void;
}

/** A way to run VMs. Everything a VM needs is made in `boot` and gone when `ended` is called. */
export interface Target {
  readonly name: string;
  /** What it runs of an image, and what it can give, as sealed images name it. Default: its name. */
  readonly form?: string;
  /**
   * Makes the memory that its VMs see, with so many places on the board, once for a host. Targets that give the same function
   * share it, and their VMs have rings of their own to each other; to all others the host carries records over (`Bridge`).
   * Throws `TARGET_UNAVAILABLE` if this machine cannot run such VMs.
   */
  readonly commons: (places: number) => Commons;
  /** Each VM sees memory of its own, with the host in place 0 and itself in place 1, and talks to all others by way of the host. */
  readonly apart?: boolean;
  /** Its VMs say on the board whether they have something to do; so one that has nothing need not show that it could turn. */
  readonly saysBusy?: boolean;
  /** What its rings hold, each way, in bytes: the smaller one counts of two VMs that talk. Default: `limits.ringCapacityBytes`. */
  readonly ringCapacityBytes?: number;
  /** Makes one for a VM to come, where that makes a boot faster. */
  readonly blank?: (spec: BlankSpec, commons: Commons) => Blank;
  boot(spec: VmSpec, events: VmEvents): Vm;
}
