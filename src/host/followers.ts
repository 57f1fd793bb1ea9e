import { reasonText, isOrderly, type ExitReason } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import type { LogLine } from "../targets/target.ts";
import type { Hosted } from "./hosted.ts";

/** Lines of all VMs, and ends of those that wrote some, that are kept for whoever comes later. */
const recentMax = 200;
/** Lines that wait for one follower. */
const waitingMax = 1000;
const followersMax = 64;
/** An answer without a line comes after so many ms, so that whoever asked knows that the host is there. */
const answerWithinMs = 2000;
/** Who has not fetched for so long, in ms, has gone. */
const forgetAfterMs = 30_000;

/** A line of a host's log, and the name of the VM that it is of. */
export interface FollowedLine {
  readonly vm: string;
  readonly line: LogLine;
}

/** What has come since it was fetched last. */
export interface Followed {
  readonly lines: readonly FollowedLine[];
  /** Lines that came faster than they were fetched. */
  readonly dropped: number;
  /** Undefined: the VM lives. */
  readonly ended: { readonly reason: string; readonly orderly: boolean } | undefined;
}

/** Of which VM a line is. */
export type Whose = Pick<Hosted, "vm" | "name" | "grant">;

/**
 * Who reads along in a host's log what one VM, and those that it has booted, say: some of what they said before, and then what comes, as it
 * is fetched. It holds nobody up: what is not fetched in time is counted and dropped, and who does not fetch at all is forgotten.
 */
export class Followers {
  private readonly recent: Recent[] = [];
  private readonly all = new Map<number, Follower>();
  private ids = 0;

  heard(whose: Whose, line: LogLine): void {
    this.happened({ whose, line });
  }

  ended(whose: Whose, reason: ExitReason): void {
    const wrote = this.recent.some((each) => each.whose.vm === whose.vm);
    if (wrote || this.all.size > 0) this.happened({ whose, reason });
  }

  /** By what it fetches. `whose`: undefined if that VM is not there any more. Throws `VM_UNKNOWN`, `TOO_MANY_FOLLOWERS`. */
  follow(vm: number, whose = this.recent.find((each) => each.whose.vm === vm)?.whose): number {
    if (whose === undefined) throw srcError("VM_UNKNOWN", { vm: String(vm), known: [] });
    if (this.all.size >= followersMax) throw srcError("TOO_MANY_FOLLOWERS", { followersMax });
    const id = ++this.ids;
    const follower = new Follower(whose, () => this.all.delete(id));
    for (const each of this.recent) follower.hear(each);
    this.all.set(id, follower);
    return id;
  }

  /** Waits for a line, or an end, for 2 s. Throws `FOLLOWER_GONE`. */
  async fetch(id: number): Promise<Followed> {
    const follower = this.all.get(id);
    if (follower === undefined) throw srcError("FOLLOWER_GONE", { forgetAfterMs });
    const followed = await follower.fetch();
    if (followed.ended !== undefined) this.all.delete(id);
    return followed;
  }

  close(): void {
    for (const follower of this.all.values()) follower.close();
    this.all.clear();
  }

  private happened(recent: Recent): void {
    this.recent.push(recent);
    if (this.recent.length > recentMax) this.recent.shift();
    for (const follower of this.all.values()) follower.hear(recent);
  }
}

type Recent =
  | { readonly whose: Whose; readonly line: LogLine }
  | { readonly whose: Whose; readonly reason: ExitReason };

class Follower {
  private readonly whose: Whose;
  private readonly forget: () => void;
  private lines: FollowedLine[] = [];
  private dropped = 0;
  private reason: ExitReason | undefined = undefined;
  private wake: () => void = () => {};
  private timer: NodeJS.Timeout;
  private closed = false;

  constructor(whose: Whose, forget: () => void) {
    this.whose = whose;
    this.forget = forget;
    this.timer = setTimeout(forget, forgetAfterMs).unref();
  }

  hear(recent: Recent): void {
    const { vm, name, grant } = recent.whose;
    const own = vm === this.whose.vm;
    if (!own && !this.whose.grant.isAbove(grant)) return;
    if ("line" in recent) {
      if (this.lines.length < waitingMax) this.lines.push({ vm: name, line: recent.line });
      else this.dropped++;
    } else if (own) this.reason = recent.reason;
    this.wake();
  }

  async fetch(): Promise<Followed> {
    clearTimeout(this.timer);
    if (this.lines.length === 0 && this.reason === undefined) await this.news();
    clearTimeout(this.timer);
    if (!this.closed) this.timer = setTimeout(this.forget, forgetAfterMs).unref();
    const { lines, dropped, reason } = this;
    this.lines = [];
    this.dropped = 0;
    if (reason !== undefined) this.close();
    const ended =
      reason === undefined ? undefined : { reason: reasonText(reason), orderly: isOrderly(reason) };
    return { lines, dropped, ended };
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.wake();
  }

  private news(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      this.timer = setTimeout(resolve, answerWithinMs).unref();
    });
  }
}
