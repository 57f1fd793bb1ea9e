/**
 * Keeps a link to one host: when it ends, dials again, later each time in vain, and never quite when others do. Each is a new link,
 * with no lanes: who had some hears of their end by the link's own events.
 */
import { isMotesError, type MotesError } from "../../kernel/index.ts";
import type { Clock } from "./clock.ts";
import { linkError } from "./errors.ts";
import type { CloseReason, HostLink } from "./host-link.ts";

export interface RedialOptions {
  /** The wait after the first failure. Default 200 ms. */
  readonly firstMs?: number;
  /** The longest wait: it doubles up to there. Default 10 s. */
  readonly maxMs?: number;
  /** Asked before each dial: true while there is no need for one. `resume` says when there may be one again. */
  readonly needless?: () => boolean;
  /** Hears why each dial was in vain. */
  readonly failed?: (why: MotesError) => void;
  /** From 0 up to 1, to spread the waits over their second half. Default `Math.random`. */
  readonly random?: () => number;
}

/** What a dial tells of its own link, beside the events of the host. */
export interface DialWatch {
  up(): void;
  down(why: MotesError): void;
}

export class Redial {
  /** The present link, which may still be on its way up; undefined while it waits. */
  link: HostLink | undefined = undefined;
  /** Dials in vain since the last link that was up. */
  failures = 0;
  private readonly dial: (watch: DialWatch) => HostLink;
  private readonly clock: Clock;
  private readonly firstMs: number;
  private readonly maxMs: number;
  private readonly random: () => number;
  private readonly needless: () => boolean;
  private readonly failed: (why: MotesError) => void;
  private up = false;
  private held = false;
  private closed = false;
  private stopWaiting: () => void = () => {};

  /** Throws `LINK_OPTION`, and what the first dial throws. */
  constructor(dial: (watch: DialWatch) => HostLink, clock: Clock, options: RedialOptions = {}) {
    const { firstMs = 200, maxMs = 10_000, random = Math.random } = options;
    const { needless = () => false, failed = () => {} } = options;
    if (!(firstMs > 0 && firstMs <= maxMs && maxMs < 2 ** 31))
      throw linkError("LINK_OPTION", {
        option: "redial",
        expected: "0 < firstMs <= maxMs",
        got: `${firstMs} and ${maxMs}`,
      });
    this.dial = dial;
    this.clock = clock;
    this.firstMs = firstMs;
    this.maxMs = maxMs;
    this.random = random;
    this.needless = needless;
    this.failed = failed;
    this.go();
  }

  /** Ends the link and the dialling. */
  close(reason?: CloseReason): void {
    this.closed = true;
    this.stopWaiting();
    this.link?.close(reason);
  }

  /** Dials again soon, if it has not for want of need. */
  resume(): void {
    if (!this.held || this.closed) return;
    this.held = false;
    this.failures = 0;
    this.wait();
  }

  private readonly go = (): void => {
    this.held = this.needless();
    if (this.held) return;
    this.up = false;
    this.link = this.dial({
      up: () => {
        this.failures = 0;
        this.up = true;
      },
      down: (why) => this.ended(why),
    });
  };

  private ended(why: MotesError): void {
    this.link = undefined;
    // Whoever ends a link of its own does not want it back.
    if (isMotesError(why, "LINK_CLOSED") && isOurs(why.details)) this.closed = true;
    if (this.closed) return;
    if (!this.up) this.failed(why);
    this.wait();
  }

  private wait(): void {
    const waitMs = Math.min(this.maxMs, this.firstMs * 2 ** Math.min(30, this.failures++));
    this.stopWaiting = this.clock.after(waitMs / 2 + (this.random() * waitMs) / 2, this.go);
  }
}

const isOurs = (details: unknown): boolean =>
  typeof details === "object" && details !== null && "by" in details && details.by === "us";
