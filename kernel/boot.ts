import { link } from "./bonds.ts";
import { PendingCall } from "./call.ts";
import type { Cell } from "./cell.ts";
import { kernelError } from "./error-table.ts";
import type { BootResult } from "./host.ts";
import { addressOf, type Address, type Ref } from "./ref.ts";
import type { Probe } from "./succession.ts";

/** A VM that has booted, and its root, to which the one who booted it is linked. */
export interface Booted<M> {
  readonly ref: Ref<M>;
  readonly vm: number;
  /** What the root has said of its health, if it was to be asked. */
  readonly probe?: Probe | undefined;
}

/** Waits for the host to boot a VM: a call whose answer is a link. The host has its own time-out for it. */
export class BootWait extends PendingCall<Booted<never>> {
  private readonly entry: string;

  constructor(cell: Cell, host: Address, entry: string) {
    super(cell, host, "boot", Infinity);
    this.entry = entry;
  }

  override answer(value: unknown): void {
    // Sound: the host is the one that answers this call, and the toolstack of this very package.
    const result = value as BootResult;
    if (result.type === "ignored")
      return this.failWith(kernelError("START_IGNORED", { what: `VM ${this.entry}` }));
    if (result.type === "failed") {
      return this.failWith(kernelError("START_FAILED", { what: `VM ${this.entry}`, reason: result.reason }));
    }
    link(this.cell.kernel, this.cell, addressOf(result.root));
    super.answer({ ref: result.root, vm: result.vm, probe: result.probe });
  }
}
