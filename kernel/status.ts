/** Where an actor stands. Plain numbers: they are compared on the hot path. */

/** A message makes it ready. */
export const IDLE = 0;
/** In the run queue. */
export const READY = 1;
/** On the vCPU. */
export const RUNNING = 2;
/** Within a handler that waits for something else than a message. */
export const WAITING = 3;
/** Has sent into a congested carrier, and takes no message until that has drained. */
export const BLOCKED = 4;
export const DEAD = 5;
/** Held by `sys`: nothing makes it ready but `resume`. */
export const SUSPENDED = 6;
/** In the run queue, and held as soon as it leaves it. */
export const SUSPENDING = 7;
