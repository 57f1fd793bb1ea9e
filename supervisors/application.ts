import {
  cellOf,
  CallMessage,
  defines,
  exit,
  ExitMessage,
  refTo,
  sameRef,
  shutdown,
  type Body,
  type Call,
  type Cell,
  type Definition,
  type ExitReason,
  type Message,
  type Ref,
} from "../kernel/index.ts";
import { SupervisorBehavior } from "./behavior.ts";
import { checkSpec, type CheckedSpec } from "./check-spec.ts";
import type { Child, RefOf, Siblings } from "./child-spec.ts";
import { supervisorError } from "./errors.ts";
import type { SupervisorSelf } from "./retry.ts";
import { stopOne } from "./shutdown.ts";
import { startOne, type Incarnation, type Task } from "./start-child.ts";
import { startOrder } from "./start-order.ts";

/**
 * What the end of an application means. `permanent` (default): all others are stopped. `transient`: so it is unless its reason
 * is `normal`. `temporary`: it is only reported.
 */
export type ApplicationType = "permanent" | "transient" | "temporary";

export interface Application<M, N extends string> {
  readonly child: Child<M>;
  readonly type: ApplicationType;
  readonly needs: readonly N[];
}

export interface ApplicationOptions<N extends string> {
  /** Default: `permanent`. */
  readonly type?: ApplicationType;
  /** The ids of those that must run before it starts. */
  readonly needs?: readonly N[];
}

type AnyApplications = Readonly<Record<string, Application<never, string>>>;
/** What each needs is there, and is not itself. */
type Sound<A> = { readonly [K in keyof A]: { readonly needs: readonly Exclude<keyof A, K>[] } };
type AppRefs<A> = {
  readonly [K in keyof A]: A[K] extends Application<infer M, string> ? RefOf<Child<M>> : never;
};

export interface ApplicationInfo {
  readonly id: string;
  readonly type: ApplicationType;
  readonly running: boolean;
}

/** In the order of their start. */
export type ApplicationsProtocol = Call<"which", [], readonly ApplicationInfo[]>;

/** An application: its top supervisor as a child, what it needs, and what its end means. */
export function application<M, const N extends string = never>(
  child: Child<M>,
  options: ApplicationOptions<N> = {},
): Application<M, N> {
  return { child, type: options.type ?? "permanent", needs: options.needs ?? [] };
}

/**
 * The applications of a VM: started one after the other, each after those it needs and else in the order given, stopped in
 * reverse, never restarted. Arguments may be made from the addresses of those that started before (`siblings.refOf`).
 *
 * Throws `APPLICATION_CYCLE`, `UNKNOWN_APPLICATION`, and the codes of a bad child. One that fails to start stops those before
 * it, and the start fails with `shutdown({ type: "failed_to_start_application", id, reason })`; one whose end is fatal ends
 * all with `shutdown({ type: "application_terminated", id, reason })`.
 *
 * Semantics: OTP `application`, its start types and `applications` key. No environment, start phases or takeover.
 *
 * @example
 * const store = child(storeTree, []);
 * const root = applications({
 *   web: application(child(webTree, (started) => [started.refOf(store)]), { needs: ["store"] }),
 *   store: application(store),
 * });
 */
export function applications<const A extends AnyApplications>(
  given: A & Sound<A>,
  options: { readonly label?: string } = {},
): Definition<[], ApplicationsProtocol, { readonly applications: AppRefs<A> }> {
  const plan = startOrder(given).map((id) => entryOf(id, given));
  function* body(self: SupervisorSelf): Task<void> {
    self.trapExits();
    yield* new Running(self, plan).run();
  }
  // Sound: what reaches it beside its own messages is told apart at run time, by class.
  return defines(
    new SupervisorBehavior(
      options.label ?? "applications",
      body as Body<unknown, never> as Body<unknown, readonly unknown[]>,
    ),
  );
}

interface Entry {
  readonly id: string;
  readonly type: ApplicationType;
  readonly child: Child<never>;
  readonly spec: CheckedSpec;
}

function entryOf(id: string, given: AnyApplications): Entry {
  const { child, type } = given[id] as Application<never, string>;
  const spec = checkSpec(`applications.${id}`, child, "never");
  if (type !== "permanent" && type !== "transient" && type !== "temporary") {
    throw supervisorError("INVALID_RESTART_TYPE", {
      what: `applications.${id}.type`,
      expected: "permanent, transient or temporary",
      got: String(type),
    });
  }
  return { id, type, child, spec };
}

/** The applications at work, in the order of their start. */
class Running implements Siblings {
  private readonly self: SupervisorSelf;
  private readonly cell: Cell;
  private readonly plan: readonly Entry[];
  private readonly running = new Map<Entry, Incarnation>();

  constructor(self: SupervisorSelf, plan: readonly Entry[]) {
    this.self = self;
    this.cell = cellOf(self);
    this.plan = plan;
  }

  *run(): Task<void> {
    const refs: Record<string, Ref<never>> = {};
    for (const entry of this.plan) refs[entry.id] = yield* this.start(entry);
    this.self.ready({ applications: refs });
    for (;;) {
      const message: Message = yield* this.self.receive();
      if (message instanceof ExitMessage) yield* this.ended(message);
      else if (message instanceof CallMessage) this.answer(message);
      else this.report("unexpected_message", "", message.type);
    }
  }

  refOf<M>(child: Child<M>): Ref<M> {
    for (const [entry, { address }] of this.running) if (entry.child === child) return refTo(address);
    throw supervisorError("NO_SIBLING", { what: "an application that has not started before" });
  }

  private *start(entry: Entry): Task<Ref<never>> {
    const outcome = yield* startOne(this.self, entry.spec.spec, this);
    if (outcome.type === "started") {
      this.running.set(entry, outcome.incarnation);
      return refTo(outcome.incarnation.address);
    }
    const reason = outcome.type === "ignored" ? "ignore" : outcome.reason;
    this.report("start_error", entry.id, reason);
    yield* this.stop();
    exit(shutdown({ type: "failed_to_start_application", id: entry.id, reason }));
  }

  private *ended({ from, reason }: ExitMessage): Task<void> {
    const { parent } = this.cell;
    if (parent !== null && sameRef(from, refTo(parent))) {
      yield* this.stop();
      exit(reason);
    }
    for (const [entry, { address }] of this.running) {
      if (!sameRef(from, refTo(address))) continue;
      this.running.delete(entry);
      this.report("application_terminated", entry.id, reason);
      if (entry.type === "temporary" || (entry.type === "transient" && reason === "normal")) return;
      yield* this.stop();
      exit(shutdown({ type: "application_terminated", id: entry.id, reason }));
    }
  }

  private *stop(): Task<void> {
    for (const [entry, incarnation] of [...this.running].reverse()) {
      const unexpected = yield* stopOne(this.self, entry.spec, incarnation);
      this.running.delete(entry);
      if (unexpected !== undefined) this.report("shutdown_error", entry.id, unexpected);
    }
  }

  private answer(call: CallMessage): void {
    if (call.op !== "which") return call.fail("unknown_op", call.op);
    call.reply(
      this.plan.map(
        (entry): ApplicationInfo => ({ id: entry.id, type: entry.type, running: this.running.has(entry) }),
      ),
    );
  }

  private report(report: string, child: string, reason: ExitReason): void {
    const { kernel, ref } = this.cell;
    kernel.report({ type: "supervisor", supervisor: ref.toString(), child, report, reason });
  }
}
