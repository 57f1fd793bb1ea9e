import {
  behaviorOf,
  isMotesError,
  link,
  process,
  refTo,
  selfOf,
  type Cell,
  type ExitReason,
  type Ref,
  type Self,
  type Wait,
} from "../../kernel/index.ts";
import { die } from "../../kernel/death.ts";
import type {
  ChildCount,
  ChildInfo,
  DynamicProtocol,
  RestartChildResult,
  StartChildResult,
  SupervisorProtocol,
} from "../../supervisors/index.ts";
import type { Case, Entry, OracleEvent, Result } from "./case.ts";
import { Program, type Run } from "./program.ts";
import { Recorder } from "./recorder.ts";
import { reasonOf, refusalTerm, termOf } from "./term.ts";
import { TracedKernel } from "./traced-kernel.ts";

/** A result that is there when the supervisor has got to it. */
type Later = () => Result;

type Fixed = SupervisorProtocol<object>;
type Dynamic = DynamicProtocol<readonly [run: Run], never>;

const idle = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
  self.trapExits();
  for (;;) yield* self.receive("exit");
});

/** Runs a case against our supervisor, on virtual time, and gives its trace. */
export class Replay {
  private readonly recorder = new Recorder();
  private readonly kernel = new TracedKernel(this.recorder);
  private readonly program = new Program(this.kernel, this.recorder);
  private readonly starter = this.actor();
  private readonly stranger = this.actor();
  private readonly recorded: Case;

  constructor(recorded: Case) {
    this.recorded = recorded;
  }

  trace(): readonly Entry[] {
    this.kernel.runReady();
    const { spec, events } = this.recorded;
    const root = selfOf<never>(this.starter).start(this.program.supervisor(spec));
    const first = this.entry("start", () => outcomeOf(root, ({ ref }) => `ok:${this.recorder.label(ref)}`));
    const texts = this.recorded.trace.slice(1);
    return [first, ...events.map((event, i) => this.entry(texts[i]?.event ?? "", this.act(event)))];
  }

  private actor(): Cell {
    return this.kernel.spawn(behaviorOf(idle), [], null);
  }

  private entry(event: string, later: Later): Entry {
    this.settle();
    const result = later();
    const { recorder, kernel } = this;
    const effects = recorder.takeEffects();
    const reports = kernel.testPlatform.events.splice(0).flatMap((told) => recorder.reportText(told) ?? []);
    const children: Record<string, readonly string[]> = {};
    for (const [id] of recorder.sups())
      children[id] = this.now({ op: "which_children", sup: id }) as string[];
    return { event, result, effects, reports, alive: recorder.cell("root") !== undefined, children };
  }

  /** Until nothing is ready, no timer is set, and nobody is about to end by itself. */
  private settle(): void {
    const { kernel, program } = this;
    do {
      kernel.runReady();
      while (program.willExit.size > 0) {
        const about = [...program.willExit];
        program.willExit.clear();
        for (const [cell, reason] of about) die(cell, reasonOf(reason));
        kernel.runReady();
      }
    } while (kernel.toNextTimer());
  }

  /** Does what the event says; a call is only put into the supervisor's mailbox. */
  private act(event: OracleEvent): Later {
    const { kernel } = this;
    switch (event.op) {
      case "align":
        kernel.testPlatform.nowMs = (Math.floor(kernel.testPlatform.nowMs / 1000) + 1) * 1000 + event.ms;
        return ok;
      case "advance":
        kernel.testPlatform.nowMs += event.ms;
        return ok;
      case "exit":
        return this.strike(event.child, (cell) => die(cell, reasonOf(event.reason)));
      case "kill": {
        const struck = this.strike(event.child, (cell) =>
          this.signal(this.stranger, cell, reasonOf(event.reason)),
        );
        // The driver waits a while for the death that does not come.
        return event.reason === "normal" && struck === ok ? () => "survived" : struck;
      }
      case "exit_sup":
        // The parent may send to the dead as well: the driver does not look.
        if (event.from === "parent" && this.recorder.cell("root") === undefined) return ok;
        return this.withSup(event.sup, (cell) => this.exitSup(event.from, cell, reasonOf(event.reason)));
      case "send":
        return this.withSup(event.sup, (cell) => {
          selfOf<never>(this.stranger).send(refTo<{ type: string }>(cell.ref), { type: event.message });
          return ok;
        });
      case "batch": {
        return this.withSup(event.sup, () => {
          const steps = event.events.map((step) => this.act(step));
          return () => steps.map((step) => step());
        });
      }
      default:
        return this.withSup(event.sup, (cell) => this.call(cell, event));
    }
  }

  /** A call on its own, answered. */
  private now(event: OracleEvent): Result {
    const later = this.act(event);
    this.kernel.runReady();
    return later();
  }

  private strike(id: string, how: (cell: Cell) => void): Later {
    const cell = this.recorder.cell(id);
    if (cell === undefined) return () => "noproc";
    this.recorder.hit(id);
    how(cell);
    return ok;
  }

  private withSup(id: string, then: (cell: Cell) => Later): Later {
    const cell = this.recorder.cell(id);
    return cell === undefined ? () => "noproc" : then(cell);
  }

  private signal(from: Cell, to: Cell, reason: ExitReason): void {
    selfOf<never>(from).exit(refTo(to.ref), reason);
  }

  private exitSup(from: "parent" | "stranger" | "linked", cell: Cell, reason: ExitReason): Later {
    if (from === "parent") this.signal(this.starter, cell, reason);
    else if (from === "stranger") this.signal(this.stranger, cell, reason);
    else {
      const linked = this.actor();
      this.kernel.runReady();
      link(this.kernel, linked, cell.ref);
      die(linked, reason);
    }
    return ok;
  }

  private call({ ref }: Cell, event: OracleEvent): Later {
    const self = selfOf<never>(this.stranger);
    const fixed = refTo<Fixed>(ref);
    const dynamic = refTo<Dynamic>(ref);
    switch (event.op) {
      case "start_child": {
        if (event.instance !== undefined) {
          const run = { id: event.instance, plan: event.start };
          return this.started(self.callWithin(Infinity, dynamic, "startChild", run));
        }
        const { spec, sup } = event;
        return this.started(
          self.callWithin(Infinity, fixed, "startChild", spec.id, this.program.child(spec, sup)),
        );
      }
      case "start_child_raw":
        return this.started(self.callWithin(Infinity, fixed, "startChild", "raw", event.term as never));
      case "restart_child":
        return this.started(self.callWithin(Infinity, fixed, "restartChild", event.child));
      case "terminate_child": {
        if (this.recorder.strategyOf.get(event.sup) !== "simple_one_for_one")
          return done(self.callWithin(Infinity, fixed, "terminateChild", event.child));
        // Children of this kind are named by their address; an id is what JavaScript could pass.
        const last = this.recorder.lastCell(event.child);
        const named = last === undefined ? (event.child as unknown as Ref<never>) : refTo<never>(last.ref);
        return done(self.callWithin(Infinity, dynamic, "terminateChild", named));
      }
      case "delete_child":
        return done(self.callWithin(Infinity, fixed, "deleteChild", event.child));
      case "which_children":
        return this.which(event.sup, self.callWithin(Infinity, fixed, "whichChildren"));
      case "count_children":
        return counts(self.callWithin(Infinity, fixed, "countChildren"));
      default:
        throw new Error(`no call: ${event.op}`);
    }
  }

  private started(wait: Wait<StartChildResult<never> | RestartChildResult>): Later {
    return () =>
      outcomeOf(wait, (answer) => {
        if (answer.ok) {
          const { incarnation, info } = answer;
          if (incarnation === undefined) return "ok:undefined";
          const said = "info" in info ? `:${String(info.info)}` : "";
          return `ok:${this.recorder.label(incarnation)}${said}`;
        }
        if ("reason" in answer) return `error:${termOf(answer.reason)}`;
        return `error:${"got" in answer ? refusalTerm(answer.error, answer.got) : answer.error}`;
      });
  }

  private which(sup: string, wait: Wait<readonly ChildInfo[]>): Later {
    const simple = this.recorder.strategyOf.get(sup) === "simple_one_for_one";
    return () =>
      outcomeOf(wait, (children) => {
        const texts = children.map(({ id, state, incarnation }) => {
          if (incarnation !== undefined) return this.recorder.label(incarnation);
          const word = state === "stopped" ? "undefined" : state;
          return simple ? word : `${id}=${word}`;
        });
        return simple ? texts.toSorted() : texts;
      });
  }
}

const ok: Later = () => "ok";

const done = (wait: Wait<{ readonly ok: boolean; readonly error?: string }>): Later => {
  return () => outcomeOf(wait, (answer) => (answer.ok ? "ok" : `error:${answer.error}`));
};

const counts = (wait: Wait<ChildCount>): Later => {
  return () =>
    outcomeOf(wait, ({ specs, active, supervisors, workers }) => [
      `specs=${specs}`,
      `active=${active}`,
      `supervisors=${supervisors}`,
      `workers=${workers}`,
    ]);
};

/** What a settled wait came to, in the words of the recordings. */
function outcomeOf<T>(wait: Wait<T>, textOf: (value: T) => Result): Result {
  if (wait.open) return "no_reply";
  try {
    const step = wait.next();
    return step.done === true ? textOf(step.value) : "no_reply";
  } catch (error) {
    if (isMotesError(error, "START_IGNORED")) return "ignore";
    if (!isMotesError(error)) throw error;
    const { reason } = error.details as { readonly reason: ExitReason };
    return `${error.code === "START_FAILED" ? "error" : "exit"}:${termOf(reason)}`;
  }
}
