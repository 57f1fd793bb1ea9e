import { ProcessBehavior, type Body } from "../kernel/index.ts";

/** A supervisor at run time: a process that others know for a supervisor, and so give all the time it needs to stop. */
export class SupervisorBehavior extends ProcessBehavior {
  constructor(label: string, body: Body<unknown, readonly unknown[]>) {
    super(body, { label, ready: "explicit" });
  }
}
