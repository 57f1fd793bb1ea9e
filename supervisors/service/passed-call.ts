import { RelayedCall, type CallMessage, type Cell } from "../../kernel/index.ts";
import type { Backend } from "./backend.ts";

/** A call on its way through a service: it counts for the VM it was passed on to until it is over. */
export class PassedCall extends RelayedCall {
  private readonly backend: Backend;

  constructor(cell: Cell, backend: Backend, call: CallMessage) {
    super(cell, backend.address, call);
    this.backend = backend;
    backend.outstanding++;
  }

  protected override over(failed: boolean): void {
    this.backend.settled(failed);
  }
}
