import { RelayedCall, type CallMessage, type Cell } from "../../kernel/index.ts";
import type { Backend } from "./backend.ts";

/** A call on its way through a service: it counts for the VM it was passed on to until it is over. */
export class PassedCall extends RelayedCall {
  private readonly backend: Backend;

  /** When it was passed on; 0: it is not timed. */
  private readonly atMs: number;

  constructor(cell: Cell, backend: Backend, call: CallMessage, atMs: number) {
    super(cell, backend.address, call);
    this.atMs = atMs;
    this.backend = backend;
    backend.outstanding++;
  }

  protected override over(failed: boolean): void {
    const { backend, atMs } = this;
    if (atMs > 0) backend.timed(this.cell.kernel.platform.now() - atMs);
    backend.settled(failed);
  }
}
