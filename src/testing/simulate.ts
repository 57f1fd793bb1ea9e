import {
  addressOf,
  asSealed,
  reasonText,
  refTo,
  type ExitReason,
  type Ref,
  type Unikernel,
} from "../../kernel/index.ts";
import type { BootOutcome } from "../host/host-actor.ts";
import { graceMs } from "../host/life.ts";
import { simError } from "./errors.ts";
import { startFaults } from "./faults.ts";
import { checkCounts, countsOf } from "./invariants/leaks.ts";
import { checkedOptions, refused, type Invariant, type SimOptions } from "./options.ts";
import { Once } from "./schedule.ts";
import { Simulation } from "./simulation.ts";
import { Simulator } from "./simulator.ts";

/** What a simulation that went well has been. */
export interface SimResult {
  readonly seed: number;
  /** 16 hexadecimal digits made of every line of the trace: two runs with one signature were the same. */
  readonly signature: string;
  /** The last lines: virtual time in ms, VM, what happened. */
  readonly trace: readonly string[];
  /** Turns, deliveries and faults. */
  readonly events: number;
  /** Messages, calls, answers, exit and down signals. */
  readonly signals: number;
  /** Virtual time at the end, with the stop of the tree. */
  readonly nowMs: number;
  /** Why the root had ended before it was stopped; undefined: it had not. */
  readonly ended: ExitReason | undefined;
}

/** After the tree was stopped everything has to be gone in so many ms. */
const endMs = 12 * graceMs;

/**
 * Runs a program with all its VMs in this thread, on virtual time, in an order that the seed decides, under the faults that are
 * asked for; then stops it and looks for what it left behind. Rejects with the codes of `errors.ts`, each with the seed, the
 * end of the trace and a line that repeats it.
 *
 * The program must take its time from `self.now`, `self.sleep` and the like, and its chance from `self.random`: what waits for
 * the real world (files, sockets, `setTimeout`) is not part of the simulation, and its order is not repeated.
 *
 * @example
 * await simulate(app, { seed: 7, untilMs: 60_000, faults: { kill: { everyMs: 5000 } } });
 */
export async function simulate<A extends readonly unknown[], M>(
  app: Unikernel<A, M>,
  options: SimOptions<M> = {},
): Promise<SimResult> {
  const program = asSealed(app);
  if (program === undefined) throw refused("app", "what unikernel() made", typeof app);
  const checked = checkedOptions(options);
  const simulator = new Simulator(program, checked);
  const { root, life } = await start<M>(simulator, program.name, options.args);
  const sim = new Simulation(simulator, root);
  const always = Object.entries(options.invariants ?? {});
  if (always.length > 0) simulator.afterEvent = () => hold(simulator, sim, always);
  const stopFaults = startFaults(simulator, sim, options.faults ?? {});
  const startedAtMs = simulator.nowMs;
  const { onReport, faultsUntilMs = Infinity } = options;
  if (faultsUntilMs < Infinity) {
    const well = new Once(() => {
      stopFaults();
      simulator.heal();
    });
    simulator.schedule.set(well, startedAtMs + faultsUntilMs);
  }
  if (onReport !== undefined)
    simulator.onReport = (event) => {
      const { nowMs } = simulator;
      simulator.schedule.set(
        new Once(() => perform(simulator, nowMs - startedAtMs, () => onReport(event, sim))),
        nowMs,
      );
    };
  for (const [atMs, step] of options.steps ?? []) {
    const once = new Once(() => perform(simulator, atMs, () => step(sim)));
    simulator.schedule.set(once, startedAtMs + atMs);
  }
  await simulator.run(startedAtMs + checked.untilMs, () => false);
  hold(simulator, sim, Object.entries(options.atEnd ?? {}));
  const { reason } = life;
  stopFaults();
  simulator.afterEvent = () => {};
  simulator.onReport = () => {};
  await stop(simulator, root.vm);
  const { trace, events, observer, nowMs } = simulator;
  return {
    seed: checked.seed,
    signature: trace.signature,
    trace: trace.lines,
    events,
    signals: observer.signals,
    nowMs,
    ended: reason,
  };
}

/** How long the first VM lives. */
interface Life {
  reason: ExitReason | undefined;
}

async function start<M>(
  simulator: Simulator,
  entry: string,
  args: readonly unknown[] | undefined,
): Promise<{ readonly root: Ref<M>; readonly life: Life }> {
  const { host } = simulator;
  const life: Life = { reason: undefined };
  const came: { outcome: BootOutcome | undefined } = { outcome: undefined };
  void host.boot({ entry }, args, host.self.ref).then((outcome) => {
    came.outcome = outcome;
    void outcome.ended.then((reason) => {
      life.reason = reason;
    });
  });
  await simulator.run(Infinity, () => came.outcome !== undefined);
  const result = came.outcome?.result;
  // Sound: the root is what the unikernel's type says it is.
  if (result?.type === "booted") return { root: refTo<M>(addressOf(result.root)), life };
  const reason = result?.type === "failed" ? reasonText(result.reason) : "it chose not to";
  throw simError("SIM_START_FAILED", { ...simulator.circumstances, reason });
}

/** The tree is asked to stop, and then nothing may be left of it. */
async function stop(simulator: Simulator, root: number): Promise<void> {
  const { host, observer, violated } = simulator;
  simulator.heal();
  observer.note(undefined, "stop");
  for (const each of simulator.network.hosts) each.close();
  host.retire(root);
  const atMs = simulator.nowMs + endMs;
  const { hosts } = simulator.network;
  const idle = (): boolean => hosts.every((each) => each.idle);
  await simulator.run(atMs, () => simulator.guests.length === 0 && simulator.quiet && idle());
  for (const { name, entry } of simulator.guests)
    violated("no leaks", `${name} (${entry}) lives on after the tree has stopped`);
  for (const { name, vm, holds } of simulator.network.hosts)
    checkCounts(`the host ${name} has ended with`, { ...countsOf(vm.kernel), ...holds }, violated);
  if (simulator.failure !== undefined) throw simulator.failure;
}

function hold<M>(
  simulator: Simulator,
  sim: Simulation<M>,
  invariants: readonly (readonly [string, Invariant<M>])[],
): void {
  for (const [name, invariant] of invariants) {
    try {
      const answer = invariant(sim);
      if (typeof answer === "string") simulator.violated(name, answer);
      else if (answer === false) simulator.violated(name, "it says no");
    } catch (problem) {
      simulator.violated(name, problem instanceof Error ? problem.message : String(problem));
    }
  }
}

function perform(simulator: Simulator, atMs: number, step: () => void | Promise<void>): void {
  const failed = (problem: unknown): void => {
    const text = problem instanceof Error ? problem.message : String(problem);
    simulator.failure ??= simError("SIM_STEP_FAILED", { ...simulator.circumstances, atMs, problem: text });
  };
  try {
    const done = step();
    simulator.promisesMoved = true;
    done?.catch(failed);
  } catch (problem) {
    failed(problem);
  }
}
