import {
  cellOf,
  defines,
  exit,
  refTo,
  shutdown,
  type Body,
  type Call,
  type Definition,
  type ExitReason,
  type Ref,
} from "../kernel/index.ts";
import type { AnyApplication, StartedTops, StartType } from "./application.ts";
import { SupervisorBehavior } from "./behavior.ts";
import { supervisorError } from "./errors.ts";
import { defaultIntensity } from "./intensity.ts";
import type { SupervisorSelf } from "./retry.ts";
import { stopOne } from "./shutdown.ts";
import { startOne, type Incarnation, type Task } from "./start-child.ts";
import { startOrder, type Step } from "./start-order.ts";
import { supervise } from "./supervise.ts";
import { Tree, type Answer, type Next } from "./tree.ts";

/**
 * The applications of a VM at work: started one after the other, stopped in reverse, never restarted.
 *
 * Semantics: OTP's application controller.
 */
export interface ApplicationInfo {
  readonly name: string;
  readonly type: StartType;
  /** False: it was temporary or transient, and has ended. */
  readonly running: boolean;
}

/** Answered in the order of their start. */
export type ApplicationsProtocol = Call<"whichApplications", readonly [], readonly ApplicationInfo[]>;

/**
 * Starts applications, and before each of them all that it needs, each once; else in the order of the list. Meant as the root
 * of a VM, and fit for any place where an actor is. It tells who starts it the addresses of the top actors, by name.
 *
 * What is wrong in the list is a failed start before any application starts; the reason has one of the codes
 * `INVALID_APPLICATION`, `INVALID_START_TYPE`, `DUPLICATE_APPLICATION`, `APPLICATION_CYCLE`, or one of a bad child.
 * One that fails to start stops those before it, in reverse, and the start fails with
 * `shutdown({ type: "failed_to_start_application", id, reason })`. One whose end is fatal stops all others, and ends it with
 * a crash of the code `APPLICATION_TERMINATED`. Its parent's exit stops all, in reverse.
 *
 * @example
 * const { applications: tops } = yield* self.start(applications([web]));
 * yield* self.call(tops.store, "countChildren");
 */
export function applications<const L extends readonly AnyApplication[]>(
  list: L,
  options: { readonly label?: string } = {},
): Definition<[], ApplicationsProtocol, { readonly applications: StartedTops<L[number]> }> {
  function* body(self: SupervisorSelf): Task<void> {
    self.trapExits();
    yield* supervise(self, cellOf(self), new ApplicationsTree(self, startOrder(list)));
  }
  return defines(
    // Sound: what reaches it beside its own messages is told apart at run time, by class.
    new SupervisorBehavior(
      options.label ?? "applications",
      body as Body<unknown, never> as Body<unknown, readonly unknown[]>,
    ),
  );
}

type Tops = Readonly<Record<string, Ref<never>>>;

class ApplicationsTree extends Tree {
  readonly kind = "static";
  override readonly which: string = "whichApplications";
  private readonly steps: readonly Step[];
  private readonly running = new Map<Step, Incarnation>();

  constructor(self: SupervisorSelf, steps: readonly Step[]) {
    super(self, { intensity: defaultIntensity, crashLoopAfter: Infinity });
    this.steps = steps;
  }

  override *begin(): Task<object> {
    for (const step of this.steps) yield* this.start(step);
    return { applications: this.tops(this.steps.map(({ name }) => name)) };
  }

  override *ended(from: string, reason: ExitReason): Task<Next> {
    for (const [step, { address }] of this.running) {
      if (address.toString() !== from) continue;
      this.running.delete(step);
      const { name, type } = step;
      this.report("application_terminated", name, reason);
      if (type === "temporary" || (type === "transient" && reason === "normal")) return "go_on";
      yield* this.stop();
      throw supervisorError("APPLICATION_TERMINATED", { name, type, reason });
    }
    return "go_on";
  }

  // oxlint-disable-next-line require-yield -- nothing here is ever tried again.
  override *retry(): Task<Next> {
    return "go_on";
  }

  // oxlint-disable-next-line require-yield -- it knows the answer.
  override *answer(op: string): Task<Answer> {
    if (op !== this.which) return undefined;
    return this.steps.map(
      (step): ApplicationInfo => ({ name: step.name, type: step.type, running: this.running.has(step) }),
    );
  }

  override *stop(): Task<void> {
    for (const [step, incarnation] of [...this.running].reverse()) {
      const unexpected = yield* stopOne(this.self, step.spec, incarnation);
      this.running.delete(step);
      if (unexpected !== undefined) this.report("shutdown_error", step.name, unexpected);
    }
  }

  private *start(step: Step): Task<void> {
    const { name, spec, needs } = step;
    const outcome = yield* startOne(this.self, spec.spec, this.tops(needs));
    if (outcome.type === "started") {
      this.running.set(step, outcome.incarnation);
      return;
    }
    const reason = outcome.type === "ignored" ? "ignore" : outcome.reason;
    this.report("start_error", name, reason);
    yield* this.stop();
    exit(shutdown({ type: "failed_to_start_application", id: name, reason }));
  }

  /** Of those that run: all that were started, when nobody has been heard of yet. */
  private tops(names: readonly string[]): Tops {
    const wanted = [...this.running].filter(([{ name }]) => names.includes(name));
    return Object.fromEntries(wanted.map(([{ name }, { address }]) => [name, refTo(address)]));
  }
}
