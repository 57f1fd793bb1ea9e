import type { Carrier } from "../../kernel/index.ts";

/**
 * One vCPU's end of the way to another VM: what its loop asks of it. Like the ring under it, it only answers; the loop acts.
 */
export interface Line {
  readonly carrier: Carrier;
  /** Hands what has come in to the kernel. How much it was. */
  poll(): number;
  /** True if there is something to poll: one load, for spinning. */
  readonly waiting: boolean;
  /** Publishes what was sent and what was read. True: the peer sleeps, ring its bell. */
  flush(): boolean;
  /** Rings the other VM's bell. */
  wakePeer(): void;
  /** Says that this vCPU goes to sleep. False: something has come in meanwhile, look again. */
  prepareSleep(): boolean;
  awake(): void;
  /** True once everything sent is in the other VM's reach. */
  readonly flushed: boolean;
  /** Ends it; nothing goes through any more. */
  close(): void;
}
