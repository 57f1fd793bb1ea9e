import { checkNumbers } from "./check-numbers.ts";

/** Every bound of an HTTP door. What goes over one is refused with the status that is named. */
export interface HttpLimits {
  /** Names and values of a request's headers together; 431. Default: 16 KiB. */
  readonly headerBytesMax: number;
  /** A body up to this is sent along with its request; a longer one is streamed. Default: 64 KiB. */
  readonly inlineBytesMax: number;
  /** A request's body; 413. Default: 64 MiB. */
  readonly bodyBytesMax: number;
  /** From the first byte of a request until its headers are there; 408. Default: 10 s. */
  readonly headersTimeoutMs: number;
  /** Until its body is there too; 408. Default: 5 min. */
  readonly requestTimeoutMs: number;
  /** Until the actor has answered, or has begun to; 504. Default: 30 s. */
  readonly answerTimeoutMs: number;
  /** A connection over which no byte went for so long, while it was to take or give some, is closed. Default: 60 s. */
  readonly stallTimeoutMs: number;
  /** Between two requests on one connection. Default: 5 s. */
  readonly keepAliveTimeoutMs: number;
  /** One more is closed at once. Default: 16,384. */
  readonly connectionsMax: number;
  /** Requests that are not answered yet; 503. Default: 4096. */
  readonly requestsMax: number;
  /** For requests under way when the door is to end. Less than the `shutdown` of its child spec. Default: 3 s. */
  readonly drainMs: number;
}

const defaults: HttpLimits = {
  headerBytesMax: 16 * 1024,
  inlineBytesMax: 64 * 1024,
  bodyBytesMax: 64 * 1024 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 300_000,
  answerTimeoutMs: 30_000,
  stallTimeoutMs: 60_000,
  keepAliveTimeoutMs: 5000,
  connectionsMax: 16_384,
  requestsMax: 4096,
  drainMs: 3000,
};

/** Throws `DOOR_OPTION`. */
export function httpLimits(given: Partial<HttpLimits> = {}): HttpLimits {
  return checkNumbers("httpDoor", defaults, given);
}
