/**
 * What is remembered of a role's VMs that crash: how long each waits before it comes back, who is degraded and why, and when one has run
 * for so long that all is forgotten.
 */
import { restartWaitMs } from "./backoff.ts";
import type { Role } from "./declaration.ts";
import { DueHeap } from "./due-heap.ts";
import type { Told } from "./event.ts";
import { vmState, type VmTable } from "./vm-table.ts";

export interface Crash {
  readonly reason: string;
  /** How long it had been ready. */
  readonly ranMs: number;
  readonly host: string;
}

export class Crashes {
  /** By ordinal. */
  readonly degraded = new Set<number>();
  /** Of their last crash, by ordinal. */
  readonly reasons = new Map<number, string>();
  private readonly vms: VmTable;
  private readonly tell: (event: Told) => void;
  private readonly waits = new DueHeap();
  private readonly heals = new DueHeap();

  constructor(vms: VmTable, tell: (event: Told) => void) {
    this.vms = vms;
    this.tell = tell;
  }

  get nextDueMs(): number {
    return Math.min(this.waits.nextMs, this.heals.nextMs);
  }

  /** It waits from now on, if that takes longer than no time: false. */
  crashed(vm: number, { reason, ranMs, host }: Crash, role: Role, nowMs: number): boolean {
    const { vms } = this;
    const crashes = ranMs >= role.restart.stableAfterMs ? 1 : vms.crashesOf(vm) + 1;
    const waitMs = restartWaitMs(role.restart, crashes, vms.epoch(vm));
    const name = `${role.name}/${vm}`;
    vms.setCrashes(vm, crashes);
    this.reasons.set(vm, reason);
    this.tell({ type: "crashed", vm: name, host, reason, crashes, waitMs });
    if (crashes >= role.restart.degradedAfter && !this.degraded.has(vm)) {
      this.degraded.add(vm);
      this.tell({ type: "degraded", vm: name, reason, crashes });
    }
    if (waitMs === 0) return false;
    // While it waits, its state counts from when it is due.
    vms.setState(vm, vmState.waiting, nowMs + waitMs);
    this.waits.push(vm, nowMs + waitMs);
    return true;
  }

  /** It is ready again. */
  started(vm: number, role: Role, nowMs: number): void {
    if (this.vms.crashesOf(vm) > 0) this.heals.push(vm, nowMs + role.restart.stableAfterMs);
  }

  /** Whose wait is over; and heals those that have run for long enough. */
  wake(role: Role, nowMs: number, back: (vm: number) => void): void {
    const { vms, waits, heals } = this;
    while (waits.nextMs <= nowMs) {
      const vm = waits.pop();
      if (vms.state(vm) === vmState.waiting && vms.sinceMs(vm) <= nowMs) back(vm);
    }
    while (heals.nextMs <= nowMs) {
      const vm = heals.pop();
      const stable = nowMs - vms.sinceMs(vm) >= role.restart.stableAfterMs;
      if (vms.state(vm) !== vmState.running || !stable) continue;
      vms.setCrashes(vm, 0);
      this.reasons.delete(vm);
      if (this.degraded.delete(vm)) this.tell({ type: "healed", vm: `${role.name}/${vm}` });
    }
  }

  forget(vm: number): void {
    this.vms.setCrashes(vm, 0);
    this.degraded.delete(vm);
    this.reasons.delete(vm);
  }

  forgetAll(): void {
    for (const vm of this.reasons.keys()) this.vms.setCrashes(vm, 0);
    this.degraded.clear();
    this.reasons.clear();
  }
}
