import { exit, shutdown, type ExitReason, type Ref } from "../kernel/index.ts";
import type { CheckedOptions } from "./check-options.ts";
import { ChildRecord } from "./child-record.ts";
import { ChildTable } from "./child-table.ts";
import { abandon, stopOne } from "./shutdown.ts";
import { startOne, type Outcome, type Task } from "./start-child.ts";
import { planRestart, verdictOf } from "./strategy.ts";
import type { SupervisorSelf } from "./retry.ts";
import { Tree, type Next } from "./tree.ts";

export type Refs = Readonly<Record<string, Ref<never>>>;

/**
 * A supervisor whose children have ids: starts them in order, restarts by its strategy, stops them in reverse.
 *
 * Semantics: OTP `supervisor`, its strategies but `simple_one_for_one`.
 */
export abstract class StaticTree extends Tree {
  readonly kind = "static";
  protected readonly options: CheckedOptions;
  protected readonly table: ChildTable;
  /** Those of the children it began with: told to the one who starts it, also when a temporary one is gone already. */
  protected readonly firstRefs: Refs;

  constructor(self: SupervisorSelf, options: CheckedOptions) {
    super(self, options);
    this.options = options;
    this.table = new ChildTable(this.cell);
    for (const [id, spec] of options.children) this.table.add(id, spec);
    this.firstRefs = this.refs();
  }

  override *begin(): Task<object> {
    const failure = yield* this.startAll(this.table.inOrder());
    if (failure === undefined) return { children: this.firstRefs };
    const { child, reason } = failure;
    yield* this.stop();
    exit(shutdown({ type: "failed_to_start_child", id: child.id, reason }));
  }

  override *ended(key: string, reason: ExitReason): Task<Next> {
    const child = this.table.at(key);
    if (child === undefined) return "go_on";
    const { restart, report } = verdictOf(child.restart, reason);
    if (report) this.report("child_terminated", child.id, reason);
    abandon(this.self, child.incarnation, reason);
    child.reason = reason;
    if (restart) return yield* this.restartOrWait(child);
    this.drop(child);
    return this.shutsDown(child) ? "give_up" : "go_on";
  }

  override *retry(key: string | number): Task<Next> {
    const child = this.table.get(String(key));
    // Meanwhile it may have been stopped, or restarted with a sibling.
    if (child?.state !== "restarting") return "go_on";
    return yield* this.restart(child);
  }

  override *stop(): Task<void> {
    for (const child of this.table.inOrder().reverse()) yield* this.terminate(child);
  }

  /** Starts one child in its place. */
  protected *start(child: ChildRecord): Task<Outcome> {
    const outcome = yield* startOne(this.self, child.spec.spec, this.table);
    if (outcome.type === "started") this.table.run(child, outcome.incarnation, this.self.now());
    return outcome;
  }

  /** Stops one child, wherever it stands; a temporary one is forgotten with it. */
  protected *terminate(child: ChildRecord): Task<void> {
    const { incarnation, spec, id } = child;
    if (incarnation !== null) {
      const unexpected = yield* stopOne(this.self, spec, incarnation);
      if (unexpected !== undefined) this.report("shutdown_error", id, unexpected);
    }
    this.drop(child);
  }

  /** The stable addresses of the present children, by id. */
  protected refs(): Refs {
    return Object.fromEntries(this.table.inOrder().map(({ id, ref }) => [id, ref]));
  }

  protected remove(child: ChildRecord): void {
    this.table.remove(child);
    this.forget(child.id);
  }

  private drop(child: ChildRecord): void {
    if (child.restart === "temporary") this.remove(child);
    else this.table.end(child, "stopped");
  }

  private *restartOrWait(child: ChildRecord): Task<Next> {
    const delayMs = child.delayMs(this.self.now());
    if (delayMs === 0) return yield* this.restart(child);
    this.table.end(child, "restarting");
    this.retryAfter(child.id, delayMs);
    return "go_on";
  }

  private *restart(child: ChildRecord): Task<Next> {
    const allowed = this.mayRestart(child.id, child.reason);
    this.table.end(child, "stopped");
    if (!allowed) return "give_up";
    const children = this.table.inOrder();
    const plan = planRestart(this.options.strategy, children, children.indexOf(child));
    for (const sibling of plan.stop) yield* this.terminate(sibling);
    const failure = yield* this.startAll(plan.start);
    if (failure === undefined) return "go_on";
    // The retry is for the one that failed: those before it stay up, or its strategy stops them again.
    const failed = failure.child;
    failed.reason = failure.reason;
    this.table.end(failed, "restarting");
    this.retryAfter(failed.id, failed.delayMs(this.self.now()));
    return "go_on";
  }

  /** In order, up to the first failure. */
  private *startAll(
    children: readonly ChildRecord[],
  ): Task<{ readonly child: ChildRecord; readonly reason: ExitReason } | undefined> {
    for (const child of children) {
      const outcome = yield* this.start(child);
      if (outcome.type === "ignored") this.drop(child);
      if (outcome.type !== "failed") continue;
      this.report("start_error", child.id, outcome.reason);
      return { child, reason: outcome.reason };
    }
    return undefined;
  }

  /** After the own end of a child that is not restarted. */
  private shutsDown({ spec }: ChildRecord): boolean {
    const { autoShutdown } = this.options;
    if (!spec.significant || autoShutdown === "never") return false;
    if (autoShutdown === "any_significant") return true;
    return !this.table.inOrder().some((other) => other.spec.significant && other.state !== "stopped");
  }
}
