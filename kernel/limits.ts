/**
 * Every bound of a VM, in one place. What a kernel may hold at the most, beside what its program keeps for itself:
 * `actorsMax` cells of about 0.5 KB, their mailboxes (unbounded unless an actor chooses a capacity), and for each peer VM
 * `ringCapacityBytes` twice plus `linkQueueBytesMax`.
 */
export const limits: {
  /** Live actors in one VM; a process-table slot is 22 bits of a serial. */
  readonly actorsMax: number;
  /**
   * Other VMs a kernel has heard of before it looks which of them nobody refers to any more; then at twice those left. As many
   * are remembered for not having been there.
   */
  readonly homesBeforeSweep: number;
  /** Messages one actor handles before the next one has its turn. */
  readonly messagesPerActivation: number;
  /** The kernel asks `Platform.sliceOver` after this many activations at the most. */
  readonly activationsPerPoll: number;
  /** Messages from carriers that may wait in one mailbox before its VM stops reading the carrier they came by. */
  readonly inboundBacklogMessagesMax: number;
  /** Messages that may wait in a service before it refuses calls, if it is given no other bound. */
  readonly serviceQueueMessagesMax: number;
  /** The default time-out of a call, as in OTP. */
  readonly callTimeoutMs: number;
  /** One direction of a ring between two VMs. A power of two. */
  readonly ringCapacityBytes: number;
  /** One encoded message, fragments put together. */
  readonly messageBytesMax: number;
  /** Nesting of a message. */
  readonly messageDepthMax: number;
  /** Queued behind a full ring before the senders wait. */
  readonly linkQueueBytesSoft: number;
  /** Queued behind a full ring before a send is refused. */
  readonly linkQueueBytesMax: number;
  /** Records taken from one ring before the VM looks at its other work. */
  readonly recordsPerPoll: number;
  /** Every channel takes records of so many bytes: what is queued before there is a channel is cut to it. */
  readonly shortestRecordBytesMax: number;
  /** One record between VMs of two hosts: a quarter of the smallest ring, so that every VM takes what any other one sends. */
  readonly farRecordBytesMax: number;
  /** Learnt object shapes per carrier and direction. */
  readonly shapesPerCarrier: number;
  /** Lines of one VM that the host's log takes in a second. What is above is counted and dropped. */
  readonly logLinesPerSecond: number;
  /** VMs that are not there (any more) to which one VM may ask the way in a second: `noproc`. Further ones are `noconnection`. */
  readonly strayConnectsPerSecond: number;
  /** Lines and wishes for rings in a second, heard or not, before the VM is killed. */
  readonly floodPerSecond: number;
} = {
  actorsMax: 2 ** 22,
  homesBeforeSweep: 1024,
  messagesPerActivation: 64,
  activationsPerPoll: 64,
  inboundBacklogMessagesMax: 8192,
  serviceQueueMessagesMax: 8192,
  callTimeoutMs: 5000,
  ringCapacityBytes: 256 * 1024,
  messageBytesMax: 16 * 1024 * 1024,
  messageDepthMax: 128,
  linkQueueBytesSoft: 1024 * 1024,
  linkQueueBytesMax: 32 * 1024 * 1024,
  recordsPerPoll: 4096,
  shortestRecordBytesMax: 4096,
  farRecordBytesMax: 4096,
  shapesPerCarrier: 1024,
  logLinesPerSecond: 1000,
  strayConnectsPerSecond: 1000,
  floodPerSecond: 50_000,
};
