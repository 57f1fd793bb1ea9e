import type { Address } from "./ref.ts";
import type { Behavior } from "./behavior.ts";
import type { Cell } from "./cell.ts";
import { die } from "./death.ts";
import type { ExitReason } from "./exit.ts";
import type { Kernel } from "./kernel.ts";

/**
 * The first actor of a VM, with which the VM ends: when all is said about its death, the others end too, in reverse order of
 * their start, and the platform is told to halt. Once.
 */
export class Root {
  /** What the actors of this VM still had to do is of no interest any more. */
  halted = false;
  private readonly kernel: Kernel;
  private cell: Cell | null = null;
  private reason: ExitReason | undefined = undefined;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Throws `TOO_MANY_ACTORS`. */
  spawn(behavior: Behavior, args: readonly unknown[], parent: Address | null): Cell {
    this.cell = this.kernel.spawn(behavior, args, parent);
    return this.cell;
  }

  /** Any actor has ended. */
  ended(cell: Cell, reason: ExitReason): void {
    if (cell === this.cell) this.reason = reason;
  }

  /** After everybody has been told of a death. */
  settle(): void {
    const { kernel, reason } = this;
    if (reason === undefined || this.halted) return;
    this.halted = true;
    for (const other of [...kernel.actors()].reverse()) die(other, "shutdown");
    kernel.platform.halt(reason);
  }
}
