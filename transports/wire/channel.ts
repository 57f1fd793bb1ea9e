/**
 * An ordered, reliable way for records of bytes between two VMs, with an end to its room: what a ring, a TCP connection or a
 * NATS subject is to a `Link`. It never blocks and never calls back; it only answers.
 */
export interface Channel {
  /** The longest record, in bytes. */
  readonly maxRecordBytes: number;
  /** Copies the first `length` bytes into a record. False: no room now, and nothing was written. */
  write(bytes: Uint8Array, length: number): boolean;
  /** Copies the next record to the start of `target`, which has room for the longest, and gives its length; -1 if there is none. */
  read(target: Uint8Array): number;
  /** `read` takes any target: it gives the length of a record that is longer, and leaves it where it is. Default: false. */
  readonly leavesLonger?: boolean;
  /** Makes what was written and read known to the peer. True: the peer sleeps and has to be woken. */
  publish(): boolean;
  /** The peer has closed it, and all it sent is read. */
  readonly ended: boolean;
  close(): void;
}
