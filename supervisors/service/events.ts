import {
  addressOf,
  refTo,
  type Cell,
  type ExitReason,
  type Ref,
  type ServiceEvent,
  type ServiceStep,
} from "../../kernel/index.ts";

/** What is said about one step beside its name. */
export interface Told {
  readonly durationMs?: number;
  readonly vm?: number;
  readonly reason?: ExitReason;
}

/** Tells of each step of a service: the log of its VM, and whoever has asked for it by `serviceEvents`. Owns no subscriber. */
export class ServiceEvents {
  private readonly cell: Cell;
  private readonly label: string;
  private readonly serving: () => number;
  private readonly wanted: () => number;
  private readonly subscribers = new Map<number, Ref<ServiceEvent>>();

  constructor(cell: Cell, label: string, serving: () => number, wanted: () => number) {
    this.cell = cell;
    this.label = label;
    this.serving = serving;
    this.wanted = wanted;
  }

  tell(step: ServiceStep, { durationMs = 0, vm = 0, reason = "normal" }: Told = {}): void {
    const { kernel, ref } = this.cell;
    const event: ServiceEvent = {
      type: "service",
      service: ref.toString(),
      label: this.label,
      step,
      atMs: kernel.platform.now(),
      durationMs,
      vm,
      vms: this.serving(),
      wanted: this.wanted(),
      reason,
    };
    kernel.report(event);
    for (const subscriber of this.subscribers.values()) {
      try {
        kernel.postAway(null, addressOf(subscriber), event);
      } catch {
        kernel.deadLetter(addressOf(subscriber), event, "refused");
      }
    }
  }

  /** `monitor`: the service's own on the subscriber. */
  subscribe(monitor: number, subscriber: Ref<ServiceEvent>): void {
    this.subscribers.set(monitor, refTo(addressOf(subscriber)));
  }

  /** Its monitor has fired. False: it was none of these. */
  ended(monitor: number): boolean {
    return this.subscribers.delete(monitor);
  }
}
