import type { Carrier, MotesError } from "../../kernel/index.ts";

/** What a vCPU's loop keeps moving. Like the ring under it, it only answers; the loop acts. */
export interface Pump {
  /** Why it is of no more use, once it is: the peer broke the protocol, or has closed it. */
  readonly broken: MotesError | undefined;
  /** Hands what has come in to the kernel, as far as that takes it. How much it was; -1 if it is broken. */
  poll(): number;
  /** True if there is something to poll: one load, for spinning. */
  readonly waiting: boolean;
  /** Publishes what was sent and what was read. True: the peer sleeps, ring its bell. */
  flush(): boolean;
  /** Rings the other VM's bell. */
  wakePeer(): void;
  /** Says that this vCPU goes to sleep. False: something has come in meanwhile, or it is broken; look again. */
  prepareSleep(): boolean;
  awake(): void;
  /** True once everything sent is in the other VM's reach. */
  readonly flushed: boolean;
  /** Ends it; nothing goes through any more. */
  close(): void;
}

/** One vCPU's end of the way to another VM. */
export interface Line extends Pump {
  readonly carrier: Carrier;
  /** Hands over all that has come in: nothing more will. */
  drain(): void;
}
