import { refTo, type Address, type Cell, type ExitReason, type Ref, type Slot } from "../kernel/index.ts";
import { backoffMs, failuresInRow } from "./backoff.ts";
import type { CheckedSpec } from "./check-spec.ts";
import type { Restart } from "./child-spec.ts";
import type { InstanceInfo } from "./protocol.ts";
import type { Incarnation } from "./start-child.ts";

/**
 * One child of a supervisor over all its lives: its spec, its stable address, and who is behind it now.
 * At most one incarnation at a time. It starts and stops nothing itself.
 */
export class ChildRecord {
  readonly id: string;
  readonly spec: CheckedSpec;
  /** Null for a child that is never restarted and whose own address is stable enough. */
  readonly slot: Slot | null;
  state: "running" | "restarting" | "stopped" = "stopped";
  incarnation: Incarnation | null = null;
  /** Of its last end, or failed start. */
  reason: ExitReason = "normal";
  private failures = 0;
  private startedAtMs = 0;

  constructor(id: string, spec: CheckedSpec, slot: Slot | null) {
    this.id = id;
    this.spec = spec;
    this.slot = slot;
  }

  get restart(): Restart {
    return this.spec.restart;
  }

  /** The stable address. */
  get ref(): Ref<never> {
    const address = this.slot?.ref ?? this.incarnation?.address;
    if (address === undefined) throw new TypeError("a child without a slot has no address before its start");
    return refTo(address);
  }

  runs(incarnation: Incarnation, nowMs: number): void {
    this.state = "running";
    this.incarnation = incarnation;
    this.startedAtMs = nowMs;
    this.slot?.lead(incarnation.address);
  }

  ends(state: "restarting" | "stopped"): void {
    this.state = state;
    this.incarnation = null;
    this.slot?.lead(null);
  }

  /** How long to wait before the next restart, in ms, after a life or a try that has just ended. */
  delayMs(nowMs: number): number {
    const { backoff } = this.spec;
    if (backoff === undefined) return 0;
    const livedMs = this.incarnation === null ? 0 : nowMs - this.startedAtMs;
    this.failures = failuresInRow(backoff, this.failures, livedMs);
    return backoffMs(backoff, this.failures);
  }

  info(): InstanceInfo {
    const { state, ref, incarnation, spec, restart } = this;
    const now = incarnation === null ? undefined : refTo<never>(incarnation.address);
    return { state, ref, incarnation: now, type: spec.type, restart };
  }

  /** Running, and as far as this VM can know not dead: one that unlinked itself dies unnoticed. */
  isActive(cell: Cell): boolean {
    const address = this.incarnation?.address;
    return address !== undefined && isAlive(cell, address);
  }
}

export const isAlive = ({ kernel }: Cell, address: Address): boolean =>
  address.home !== kernel.home || (kernel.resolve(address)?.cell ?? null) !== null;
