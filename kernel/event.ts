import type { ExitReason } from "./exit.ts";
import type { Ref } from "./ref.ts";

/** An actor ended by its own doing, for a reason that is neither normal nor a shutdown (OTP: the crash report of `proc_lib`). */
export interface CrashReport {
  readonly type: "crash";
  readonly actor: string;
  readonly label: string;
  /** The name it was registered under, `""` if none. */
  readonly name: string;
  readonly reason: ExitReason;
  readonly parent: string;
  /** Its parent, that one's parent and so on, as `label <vm.serial>`; ends where one has ended or lives in another VM. */
  readonly ancestors: readonly string[];
  /** The type of what it was taking, with its operation; in development with its contents. `""`: it was taking nothing. */
  readonly lastMessage: string;
  /** Its state: what its `format` makes of it, else in development what it is, else `""`. At most 2000 characters. */
  readonly state: string;
  readonly links: readonly string[];
  /** Messages that it leaves unread. */
  readonly unread: number;
}

/** What a kernel tells its operator. Plain data, so that it can leave the VM. */
export type KernelEvent =
  | CrashReport
  /** Messages that reach nobody: the actor is dead, its VM is lost, or its mailbox refused them. */
  | {
      readonly type: "dead-letter";
      readonly to: string;
      readonly count: number;
      readonly example: string;
      readonly why: string;
    }
  /** A message of a type the actor has no handler for. */
  | { readonly type: "unhandled"; readonly actor: string; readonly label: string; readonly message: string }
  /** What a supervisor has to say: the words of OTP's reports. */
  | {
      readonly type: "supervisor";
      readonly supervisor: string;
      readonly child: string;
      readonly report: string;
      readonly reason: ExitReason;
    }
  | ServiceEvent;

/** What happens to a service. Each says in `durationMs` how long it took, and in `vms` how many VMs serve then. */
export type ServiceStep =
  /** The first message to a service without a VM has one booted. */
  | "summoned"
  /** A VM has booted, and says of itself that it is healthy. */
  | "ready"
  | "boot_failed"
  /** The host has no room for another VM: the service stays as large as it is. */
  | "out_of_room"
  /** A VM has died. */
  | "lost"
  /** From here on messages wait. */
  | "paused"
  /** The calls in flight are answered. */
  | "drained"
  | "handed_off"
  | "adopted"
  /** From here on messages go to another VM. */
  | "flipped"
  /** What waited was passed on: for how long it had to. */
  | "flushed"
  /** A VM has ended as it was asked to. */
  | "stopped"
  | "replaced"
  /** A replacement was given up: what served before goes on serving. */
  | "rolled_back"
  /** The number of VMs that is wanted has changed. */
  | "scaled"
  /** The last VM was idle for too long. */
  | "reaped";

export interface ServiceEvent {
  readonly type: "service";
  readonly service: string;
  readonly label: string;
  readonly step: ServiceStep;
  /** ms of the monotonic clock of the service's VM. */
  readonly atMs: number;
  readonly durationMs: number;
  /** Which VM it is about; 0: none in particular. */
  readonly vm: number;
  /** How many serve now. */
  readonly vms: number;
  /** How many should. */
  readonly wanted: number;
  /** `"normal"` unless something went wrong. */
  readonly reason: ExitReason;
}

/** A monitor has fired: who was watched is gone (OTP: `'DOWN'`). */
export interface Down {
  readonly type: "down";
  /** What `monitor` returned. */
  readonly monitor: number;
  readonly from: Ref<never>;
  readonly reason: ExitReason;
}

/** An exit signal as a message, to an actor that traps exits (OTP: `'EXIT'`). */
export interface Exit {
  readonly type: "exit";
  readonly from: Ref<never>;
  readonly reason: ExitReason;
}

/** Classes, so that the kernel's own messages cannot be mistaken for a program's of the same type. */
export class DownMessage implements Down {
  readonly type = "down";
  readonly monitor: number;
  readonly from: Ref<never>;
  readonly reason: ExitReason;

  constructor(monitor: number, from: Ref<never>, reason: ExitReason) {
    this.monitor = monitor;
    this.from = from;
    this.reason = reason;
  }
}

export class ExitMessage implements Exit {
  readonly type = "exit";
  readonly from: Ref<never>;
  readonly reason: ExitReason;

  constructor(from: Ref<never>, reason: ExitReason) {
    this.from = from;
    this.reason = reason;
  }
}
