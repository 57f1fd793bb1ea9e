import type { Cell } from "./cell.ts";
import { localCell, type Addressed } from "./claims.ts";
import { kernelError } from "./error-table.ts";
import { refTo, type Ref } from "./ref.ts";
import * as status from "./status.ts";
import { resume, suspend } from "./suspension.ts";
import { Observed, Traces, type Statistics, type TraceSink } from "./trace.ts";

export type ActorStatus = "idle" | "ready" | "running" | "waiting" | "blocked" | "suspended" | "dead";

/** One actor, as it stands at this moment. */
export interface ActorInfo {
  readonly ref: Ref<never>;
  readonly label: string;
  /** `""`: it has none. */
  readonly name: string;
  /** Undefined: it is the first of its VM. */
  readonly parent: Ref<never> | undefined;
  /** `waiting`: within a handler, or for what no message brings. `blocked`: for a congested carrier. */
  readonly status: ActorStatus;
  readonly mailboxLength: number;
  readonly links: number;
  /** Actors it watches. */
  readonly monitors: number;
  readonly watchers: number;
  readonly trapsExits: boolean;
}

/**
 * Looking into a live VM. Everything here acts at once, from outside of the actor: it works on one that is suspended, stuck in a
 * handler or drowned in messages. It reaches the actors of its own VM; all throw `NOT_HERE` for others and for the dead.
 *
 * Semantics: OTP `sys`, `erlang:process_info`.
 */
export const sys: {
  /** All actors of the VM of `self`, oldest place first. */
  readonly actors: (self: Addressed<never>) => readonly ActorInfo[];
  readonly info: (ref: Ref<never>) => ActorInfo;
  /** The state of an actor or machine, the children of a supervisor. A process has none: its state is in its code. */
  readonly state: (ref: Ref<never>) => unknown;
  /** The new state, which is what `change` makes of the old one. Throws what `change` throws, and then nothing has changed. */
  readonly replaceState: (ref: Ref<never>, change: (state: unknown) => unknown) => unknown;
  /**
   * Takes no more messages until `resume`; they queue, callers time out. A handler that waits is held where it is; an async one
   * goes on to its end, as promises do, and is not heard of. The exit of its parent resumes it. Throws `BAD_OPTION` for oneself.
   */
  readonly suspend: (ref: Ref<never>) => void;
  readonly resume: (ref: Ref<never>) => void;
  /** Tells `sink` of every signal of the actor until the returned function is called, `sink` throws, or the actor has ended. */
  readonly trace: (ref: Ref<never>, sink: TraceSink) => () => void;
  /** Counts its messages from now on; again: from now on anew. */
  readonly startStatistics: (ref: Ref<never>) => void;
  /** Undefined: nobody counts. */
  readonly statistics: (ref: Ref<never>) => Statistics | undefined;
  readonly stopStatistics: (ref: Ref<never>) => void;
} = {
  actors: (self) => Array.from(here(self.ref).kernel.actors(), infoOf),
  info: (ref) => infoOf(here(ref)),
  state(ref) {
    const cell = here(ref);
    return cell.behavior.stateOf(cell);
  },
  replaceState(ref, change) {
    const cell = here(ref);
    const { behavior } = cell;
    const state = change(behavior.stateOf(cell));
    behavior.replaceState(cell, state);
    return state;
  },
  suspend: (ref) => suspend(here(ref)),
  resume: (ref) => resume(here(ref)),
  trace(ref, sink) {
    const cell = here(ref);
    const { sinks } = observe(cell);
    sinks.add(sink);
    return () => {
      sinks.delete(sink);
      forget(cell);
    };
  },
  startStatistics(ref) {
    const cell = here(ref);
    const observed = observe(cell);
    observed.counting = true;
    observed.startedAtMs = cell.kernel.platform.now();
    observed.messagesIn = 0;
    observed.messagesOut = 0;
  },
  statistics(ref) {
    const cell = here(ref);
    const observed = cell.kernel.traces?.observed.get(cell);
    if (observed?.counting !== true) return undefined;
    const { startedAtMs, messagesIn, messagesOut } = observed;
    return { startedAtMs, nowMs: cell.kernel.platform.now(), messagesIn, messagesOut };
  },
  stopStatistics(ref) {
    const cell = here(ref);
    const observed = cell.kernel.traces?.observed.get(cell);
    if (observed === undefined) return;
    observed.counting = false;
    forget(cell);
  },
};

/** For behaviours without a state of that kind. */
export const noState = (cell: Cell): Error =>
  kernelError("BAD_OPTION", {
    what: "sys.replaceState",
    expected: "an actor or a machine",
    got: `${cell.behavior.label} ${cell.ref.toString()}, which keeps its state in its code`,
  });

const here = (ref: Ref<never>): Cell => localCell({ ref }, "sys");

function observe(cell: Cell): Observed {
  const { kernel } = cell;
  const traces = kernel.traces ?? new Traces();
  kernel.observe(traces);
  let observed = traces.observed.get(cell);
  if (observed === undefined) {
    observed = new Observed();
    traces.observed.set(cell, observed);
  }
  return observed;
}

function forget(cell: Cell): void {
  const { kernel } = cell;
  const { traces } = kernel;
  if (traces?.observed.get(cell)?.idle === true) traces.observed.delete(cell);
  if (traces?.observed.size === 0) kernel.observe(null);
}

function infoOf(cell: Cell): ActorInfo {
  const { behavior, bonds, parent, mailbox } = cell;
  return {
    ref: refTo(cell.ref),
    label: behavior.label,
    name: cell.name ?? "",
    parent: parent === null ? undefined : refTo(parent),
    status: words[cell.status] ?? "dead",
    mailboxLength: mailbox.count,
    links: bonds?.links.size ?? 0,
    monitors: bonds?.monitors.size ?? 0,
    watchers: bonds?.watchers.size ?? 0,
    trapsExits: cell.trapping,
  };
}

const words: Readonly<Record<number, ActorStatus>> = {
  [status.IDLE]: "idle",
  [status.READY]: "ready",
  [status.RUNNING]: "running",
  [status.WAITING]: "waiting",
  [status.BLOCKED]: "blocked",
  [status.DEAD]: "dead",
  [status.SUSPENDED]: "suspended",
  [status.SUSPENDING]: "suspended",
};
