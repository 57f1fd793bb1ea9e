import {
  behaviorOf,
  process,
  selfOf,
  type Cell,
  type Definition,
  type KernelEvent,
  type Self,
  type Started,
  type Wait,
} from "../../kernel/index.ts";
import { TracedKernel } from "../oracle/traced-kernel.ts";

type Report = Extract<KernelEvent, { readonly type: "supervisor" }>;

const idle = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
  self.trapExits();
  for (;;) yield* self.receive("exit");
});

/** A kernel on virtual time with one actor that starts trees and asks them, synchronously from the test's view. */
export class Stage {
  readonly ended: string[] = [];
  readonly kernel: TracedKernel = new TracedKernel({
    dies: () => {},
    died: (cell) => this.ended.push(cell.ref.toString()),
  });
  readonly cell: Cell = this.actor();
  readonly self: Self<never> = selfOf<never>(this.cell);

  actor(): Cell {
    const cell = this.kernel.spawn(behaviorOf(idle), [], null);
    this.kernel.runReady();
    return cell;
  }

  start<A extends readonly unknown[], M, I>(definition: Definition<A, M, I>, ...args: A): Started<M, I> {
    return this.result(this.self.start(definition, ...args));
  }

  /** What a wait comes to once all that is ready has run, at this moment. Throws what it fails with. */
  result<T>(wait: Wait<T>): T {
    this.kernel.runReady();
    if (wait.open) throw new Error("nothing came of it");
    const step = wait.next();
    if (step.done !== true) throw new Error("nothing came of it");
    return step.value;
  }

  /** What it fails with. */
  failure(wait: Wait<unknown>): unknown {
    try {
      this.result(wait);
    } catch (error) {
      return error;
    }
    throw new Error("it did not fail");
  }

  advance(ms: number): void {
    const { kernel } = this;
    const { testPlatform } = kernel;
    const until = testPlatform.nowMs + ms;
    kernel.runReady();
    while (kernel.timers.nextAtMs <= until) {
      kernel.toNextTimer();
      kernel.runReady();
    }
    testPlatform.nowMs = until;
  }

  /** `root child_terminated: reason` of each report since the last look; without the supervisor's address. */
  reports(): readonly string[] {
    this.kernel.runReady();
    const told = this.kernel.testPlatform.events.splice(0);
    return told
      .filter((event): event is Report => event.type === "supervisor")
      .map(({ report, child, reason }) => `${report} ${child} ${String(reason)}`);
  }
}
