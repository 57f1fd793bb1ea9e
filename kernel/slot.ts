import { Address, type Home } from "./ref.ts";

/**
 * A stable address in front of one changing actor: what a supervisor hands out for a child. While it leads nowhere (the child
 * is being restarted) what is sent to it becomes a dead letter and calls fail with `noproc`, as with a registered name.
 * Monitors and links made through it are with the actor behind it at that moment.
 */
export class Slot {
  readonly ref: Address;
  target: Address | null = null;

  constructor(home: Home) {
    this.ref = new Address(home, 0, null);
  }

  /** Null: leads nowhere. */
  lead(target: Address | null): void {
    const before = this.target?.cell;
    if (before != null && before.slot === this) before.slot = null;
    // One of this VM that has died in the meantime is nobody: only addresses of other VMs lead on without a cell.
    const leads = target !== null && (target.cell !== null || target.home !== this.ref.home);
    this.target = leads ? target : null;
    this.ref.cell = target?.cell ?? null;
    if (target?.cell != null) target.cell.slot = this;
  }
}
