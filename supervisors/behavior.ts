import { ProcessBehavior, type Body, type Cell } from "../kernel/index.ts";
import { Tree } from "./tree.ts";

/** A supervisor at run time: a process that others know for a supervisor, and so give all the time it needs to stop. */
export class SupervisorBehavior extends ProcessBehavior {
  override readonly supervises = true;

  constructor(label: string, body: Body<unknown, readonly unknown[]>) {
    super(body, { label, ready: "explicit" });
  }

  /** For `sys`: its children, as its own call tells them. */
  override stateOf(cell: Cell): unknown {
    if (!(cell.state instanceof Tree)) return undefined;
    const step = cell.state.answer(cell.state.which, []).next();
    return step.done === true ? step.value : undefined;
  }
}
