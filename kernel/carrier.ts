import type { SignalSink } from "./signal.ts";

/**
 * An ordered, reliable, flow-controlled channel from this VM to one other. At most once, first in first out, for as long as
 * it lives; when it breaks, everything under way is lost and the kernel is told (`Peers.lost`).
 *
 * A carrier never blocks. Below its soft bound it just queues. Above it `congested` is true, and the kernel runs no actor
 * that has sent here until `Peers.drained` says otherwise. At the hard bound a send throws `CARRIER_FULL` with the message
 * handed back. Also thrown at the send: `MESSAGE_NOT_COPYABLE` (with the path in the message) and `MESSAGE_TOO_LARGE`.
 * A send that throws has left no trace. Control signals have reserved room: they are never refused.
 */
export interface Carrier extends SignalSink {
  readonly congested: boolean;
}
