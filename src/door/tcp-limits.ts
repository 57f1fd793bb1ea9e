import { checkNumbers } from "./check-numbers.ts";

/** Every bound of a TCP door. */
export interface TcpLimits {
  /** What a client may send ahead of the one who reads; then it is held back. Default: 64 KiB. */
  readonly aheadBytesMax: number;
  /** For a handshake, with TLS. Default: 10 s. */
  readonly handshakeTimeoutMs: number;
  /** A connection over which no byte went for so long is closed. 0: never. Default: 0. */
  readonly idleTimeoutMs: number;
  /** One more is closed at once. Default: 16,384. */
  readonly connectionsMax: number;
  /** For open connections when the door is to end. Less than the `shutdown` of its child spec. Default: 3 s. */
  readonly drainMs: number;
}

const defaults: TcpLimits = {
  aheadBytesMax: 64 * 1024,
  handshakeTimeoutMs: 10_000,
  idleTimeoutMs: 0,
  connectionsMax: 16_384,
  drainMs: 3000,
};

/** Throws `DOOR_OPTION`. */
export function tcpLimits(given: Partial<TcpLimits> = {}): TcpLimits {
  return checkNumbers("tcpDoor", defaults, given);
}
