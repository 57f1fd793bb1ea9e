import {
  exit,
  ignore,
  process,
  type Cell,
  type Definition,
  type Kernel,
  type Self,
  type StartWait,
  type Wait,
} from "../../kernel/index.ts";
import {
  child,
  dynamicSupervisor,
  supervisor,
  template,
  type AnyChild,
  type ChildOptions,
  type SupervisorOptions,
  type TemplateOptions,
} from "../../supervisors/index.ts";
import type { ChildSpec, OnShutdown, StartPlan, SupSpec } from "./case.ts";
import type { Recorder } from "./recorder.ts";
import { reasonOf, termOf } from "./term.ts";

/** One worker to be: its name, and the plan that says how each of its starts goes. */
export interface Run {
  readonly id: string;
  readonly plan: StartPlan;
}

/**
 * The specs of a case as programs of ours. What a case spells wrong on purpose goes through as it is, past the types.
 */
export class Program {
  private readonly kernel: Kernel;
  private readonly recorder: Recorder;
  private readonly steps = new Map<StartPlan, number>();
  /** Workers that end by themselves as soon as their supervisor is idle. */
  readonly willExit: Map<Cell, string> = new Map();

  constructor(kernel: Kernel, recorder: Recorder) {
    this.kernel = kernel;
    this.recorder = recorder;
  }

  supervisor(spec: SupSpec): Definition<[], never> {
    return spec.strategy === "simple_one_for_one" ? this.dynamic(spec) : this.fixed(spec);
  }

  child(spec: ChildSpec, sup: string): AnyChild {
    const options = optionsOf(spec) as ChildOptions;
    if (spec.sup !== undefined) return child(this.supervisor(spec.sup), [], options);
    return child(this.worker(spec, sup), [{ id: spec.id, plan: spec.start ?? [] }], options);
  }

  private fixed(spec: SupSpec): Definition<[], never> {
    const made = supervisor((_self) => {
      this.begin(spec);
      if (spec.init === "ignore") return ignore;
      const options = {
        strategy: spec.strategy,
        autoShutdown: spec.auto_shutdown,
        intensity: intensityOf(spec),
        children: spec.children.map((inner) => [inner.id, this.child(inner, spec.id)] as const),
      };
      return options as SupervisorOptions<typeof options.children>;
    });
    return untyped(made);
  }

  private dynamic(spec: SupSpec): Definition<[], never> {
    const [only] = spec.children as readonly [ChildSpec];
    const made = dynamicSupervisor((_self) => {
      this.begin(spec);
      const worker = this.worker(only, spec.id);
      const { restart, shutdown } = optionsOf(only) as TemplateOptions;
      return {
        intensity: intensityOf(spec),
        child: template(worker, { restart, shutdown } as TemplateOptions),
      };
    });
    return untyped(made);
  }

  /** In the init of a supervisor. */
  private begin({ id, strategy }: SupSpec): void {
    const { recorder } = this;
    const cell = this.kernel.current as Cell;
    const attempt = recorder.attempt(id);
    recorder.strategyOf.set(id, strategy);
    recorder.up(id, attempt, cell);
    recorder.note("init", id, attempt, "");
    tellOutcome(cell.starting as StartWait, (text) => recorder.note("start", id, attempt, text));
  }

  private worker(spec: ChildSpec, sup: string): Definition<[run: Run], never> {
    const { on_shutdown: onShutdown = { mode: "exit" } } = spec;
    const begin = (run: Run): Begun => this.beginWorker(run, sup);
    function* body(self: Self<never>, run: Run): Generator<Wait<unknown>, unknown, unknown> {
      if (onShutdown.mode !== "exit") self.trapExits();
      const { cell, info, ignored } = begin(run);
      if (ignored) return ignore;
      self.ready(info);
      return yield* live(self, cell, onShutdown);
    }
    return process(body as (self: Self<never>, run: Run) => Generator<Wait<unknown>, void, unknown>, {
      label: spec.id,
      ready: "explicit",
    });
  }

  private beginWorker({ id, plan }: Run, sup: string): Begun {
    const { recorder } = this;
    const cell = this.kernel.current as Cell;
    const attempt = recorder.attempt(id);
    const step = this.steps.get(plan) ?? 0;
    this.steps.set(plan, step + 1);
    const {
      result,
      reason = "",
      info,
      then_exit: thenExit,
    } = plan[Math.min(step, plan.length - 1)] ?? { result: "ok" };
    recorder.supOf.set(id, sup);
    recorder.note("start", id, attempt, reason === "" ? result : `${result}:${reason}`);
    if (result === "raise") throw new Error(reason);
    if (result === "error" || result === "bad") exit(reasonOf(reason));
    if (result === "ok") recorder.up(id, attempt, cell);
    if (thenExit !== undefined) this.willExit.set(cell, thenExit);
    return { cell, info: info === undefined ? {} : { info }, ignored: result === "ignore" };
  }
}

interface Begun {
  readonly cell: Cell;
  readonly info: object;
  readonly ignored: boolean;
}

/** Only a worker that traps exits gets any message at all. */
function* live(
  self: Self<never>,
  { parent }: Cell,
  { mode, reason = "", delay = 0 }: OnShutdown,
): Generator<Wait<unknown>> {
  for (;;) {
    const signal = yield* self.receive("exit");
    if (mode === "hang" || signal.from.toString() !== parent?.toString()) continue;
    if (signal.reason !== "shutdown") exit(signal.reason);
    if (delay > 0) yield* self.sleep(delay);
    exit(reasonOf(reason));
  }
}

/** A start is over when its starter is told: that moment, and what is told, is part of the trace. */
function tellOutcome(starting: StartWait, tell: (text: string) => void): void {
  const { succeed, failed, ignored } = starting;
  starting.succeed = (info) => {
    tell("ok");
    succeed.call(starting, info);
  };
  starting.failed = (reason) => {
    tell(`error:${termOf(reason)}`);
    failed.call(starting, reason);
  };
  starting.ignored = () => {
    tell("ignore");
    ignored.call(starting);
  };
}

const intensityOf = ({ intensity, period }: SupSpec): { restarts: number; withinMs: number } => ({
  restarts: intensity,
  withinMs: period * 1000,
});

function optionsOf({ restart, shutdown, significant }: ChildSpec): object {
  return { restart, shutdown, significant };
}

/** Events are data: nobody calls it by its protocol's types. */
const untyped = <M>(definition: Definition<[], M>): Definition<[], never> =>
  definition as unknown as Definition<[], never>;
