import { addressOf, crashOf, refTo, type ExitReason, type Ref, type Slot } from "../kernel/index.ts";
import type { CheckedDynamic } from "./check-options.ts";
import type { CheckedSpec } from "./check-spec.ts";
import { ChildRecord, isAlive } from "./child-record.ts";
import type { ChildCount, ChildStarted, Done, InstanceInfo, StartFailed } from "./protocol.ts";
import { abandon, stopAll, stopOne } from "./shutdown.ts";
import { answerOf } from "./start-answer.ts";
import { startOne, type Incarnation, type Task } from "./start-child.ts";
import { verdictOf } from "./strategy.ts";
import type { SupervisorSelf } from "./retry.ts";
import { Tree, type Answer, type Next } from "./tree.ts";

/**
 * A supervisor of many children of one kind: none at the start, each known by its address, restarted with the arguments it was
 * started with, all stopped at the same time under one time-out.
 *
 * Semantics: OTP `simple_one_for_one`; as in OTP 27, a restart that is ignored drops the child.
 */
export class DynamicTree extends Tree {
  readonly kind = "dynamic";
  private readonly spec: CheckedSpec;
  private readonly label: string;
  private readonly instances = new Set<Instance>();
  /** By their stable address, by that of their incarnation, and by the number that a retry names. */
  private readonly found = new Map<string | number, Instance>();
  private numbers = 0;

  constructor(self: SupervisorSelf, { child, ...flags }: CheckedDynamic) {
    super(self, flags);
    this.spec = child;
    const { program } = child.spec;
    this.label = program.type === "vm" ? program.unikernel.name : program.behavior.label;
  }

  // oxlint-disable-next-line require-yield -- there is nothing to wait for: it begins with no children
  override *begin(): Task<object> {
    return {};
  }

  override *ended(key: string, reason: ExitReason): Task<Next> {
    const child = this.found.get(key);
    if (child === undefined) return "go_on";
    const { restart, report } = verdictOf(child.restart, reason);
    if (report) this.report("child_terminated", this.label, reason);
    abandon(this.self, child.incarnation, reason);
    if (!restart) {
      this.drop(child);
      return "go_on";
    }
    child.reason = reason;
    const delayMs = child.delayMs(this.self.now());
    if (delayMs === 0) return yield* this.restart(child);
    this.wait(child, delayMs);
    return "go_on";
  }

  override *retry(key: string | number): Task<Next> {
    const child = this.found.get(key);
    return child?.state === "restarting" ? yield* this.restart(child) : "go_on";
  }

  override *answer(op: string, args: readonly unknown[]): Task<Answer> {
    switch (op) {
      case "startChild":
        return yield* this.startChild(args);
      case "terminateChild":
        return yield* this.terminateChild(args[0]);
      case "restartChild":
      case "deleteChild":
        return { ok: false, error: "simple_one_for_one" };
      case "whichChildren":
        return [...this.instances].map((child) => child.info()) satisfies readonly InstanceInfo[];
      case "countChildren":
        return this.countChildren();
      default:
        return undefined;
    }
  }

  override *stop(): Task<void> {
    const running: Incarnation[] = [];
    for (const { incarnation } of this.instances) if (incarnation !== null) running.push(incarnation);
    const unexpected = yield* stopAll(this.self, this.spec, running);
    // Thousands may end in the same way: one report for each way.
    const told = new Set<string>();
    for (const reason of unexpected) {
      const text = JSON.stringify(reason);
      if (!told.has(text)) this.report("shutdown_error", this.label, reason);
      told.add(text);
    }
  }

  private *startChild(args: readonly unknown[]): Task<ChildStarted<never> | StartFailed> {
    const outcome = yield* startOne(this.self, this.spec.spec, args);
    if (outcome.type === "failed") return answerOf(refTo(this.cell.ref), outcome);
    const temporary = this.spec.restart === "temporary";
    if (outcome.type === "started" && temporary)
      return answerOf(this.enter(null, [], outcome.incarnation).ref, outcome);
    let slot: Slot;
    try {
      slot = this.cell.kernel.slot(this.cell);
    } catch (thrown) {
      if (outcome.type === "started") yield* stopOne(this.self, this.spec, outcome.incarnation);
      return { ok: false, error: "start_failed", reason: crashOf(thrown) };
    }
    if (outcome.type === "started") return answerOf(this.enter(slot, args, outcome.incarnation).ref, outcome);
    this.cell.kernel.removeSlot(this.cell, slot);
    return answerOf(refTo(slot.ref), outcome);
  }

  private enter(slot: Slot | null, args: readonly unknown[], incarnation: Incarnation): Instance {
    const child = new Instance(this.label, this.spec, slot, ++this.numbers, args);
    this.instances.add(child);
    this.found.set(child.number, child);
    if (slot !== null) this.found.set(slot.ref.toString(), child);
    this.run(child, incarnation);
    return child;
  }

  private *terminateChild(given: unknown): Task<Done<"not_found" | "simple_one_for_one">> {
    const ref = asRef(given);
    if (ref === undefined) return { ok: false, error: "simple_one_for_one" };
    const child = this.found.get(ref.toString());
    if (child === undefined)
      return isAlive(this.cell, addressOf(ref)) ? { ok: false, error: "not_found" } : { ok: true };
    if (child.incarnation !== null) {
      const unexpected = yield* stopOne(this.self, this.spec, child.incarnation);
      if (unexpected !== undefined) this.report("shutdown_error", this.label, unexpected);
    }
    this.drop(child);
    return { ok: true };
  }

  private *restart(child: Instance): Task<Next> {
    const allowed = this.mayRestart(this.label, child.reason);
    if (!allowed) {
      this.drop(child);
      return "give_up";
    }
    this.ends(child, "stopped");
    const outcome = yield* startOne(this.self, this.spec.spec, child.args);
    if (outcome.type === "started") this.run(child, outcome.incarnation);
    else if (outcome.type === "ignored") this.drop(child);
    else {
      this.report("start_error", this.label, outcome.reason);
      child.reason = outcome.reason;
      this.wait(child, child.delayMs(this.self.now()));
    }
    return "go_on";
  }

  private wait(child: Instance, delayMs: number): void {
    this.ends(child, "restarting");
    this.retryAfter(child.number, delayMs);
  }

  private run(child: Instance, incarnation: Incarnation): void {
    child.runs(incarnation, this.self.now());
    this.found.set(incarnation.address.toString(), child);
  }

  private ends(child: Instance, state: "restarting" | "stopped"): void {
    if (child.incarnation !== null) this.found.delete(child.incarnation.address.toString());
    child.ends(state);
  }

  private drop(child: Instance): void {
    this.ends(child, "stopped");
    this.instances.delete(child);
    this.found.delete(child.number);
    if (child.slot === null) return;
    this.found.delete(child.slot.ref.toString());
    this.cell.kernel.removeSlot(this.cell, child.slot);
  }

  private countChildren(): ChildCount {
    let active = 0;
    for (const child of this.instances) if (child.isActive(this.cell)) active++;
    const all = this.instances.size;
    const workers = this.spec.type === "worker" ? all : 0;
    return { specs: 1, active, supervisors: all - workers, workers };
  }
}

class Instance extends ChildRecord {
  readonly number: number;
  /** Not kept for a temporary one, which is never restarted. */
  readonly args: readonly unknown[];

  constructor(label: string, spec: CheckedSpec, slot: Slot | null, number: number, args: readonly unknown[]) {
    super(label, spec, slot);
    this.number = number;
    this.args = args;
  }
}

/** Undefined for what is no address: an id, from a caller that JavaScript did not stop. */
function asRef(given: unknown): Ref<never> | undefined {
  const looksLikeOne = typeof given === "object" && given !== null && "serial" in given && "vm" in given;
  // Sound: only addresses have these; a forged object leads to nobody.
  return looksLikeOne ? (given as Ref<never>) : undefined;
}
