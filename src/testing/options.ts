import type { CrashReport, KernelEvent } from "../../kernel/index.ts";
import { simError } from "./errors.ts";
import type { FaultOptions } from "./faults.ts";
import type { Range } from "./random.ts";
import { isEngineError } from "./reason.ts";
import type { Simulation } from "./simulation.ts";

/** Holds or not: `false`, a text that says what is wrong, or a throw is a violation. */
// oxlint-disable-next-line typescript/no-invalid-void-type -- an invariant that only throws returns nothing
export type Invariant<M> = (sim: Simulation<M>) => boolean | string | void;

/** What `simulate` is told. All times are virtual. */
export interface SimOptions<M = never> {
  /** A whole number: the same seed is the same run. Default 1. */
  readonly seed?: number;
  /** When the tree is stopped, in ms after the root was ready. Default 60000. */
  readonly untilMs?: number;
  /** Arguments of the root. Default: the unikernel's own. */
  readonly args?: readonly unknown[];
  /** What goes wrong by chance, once the root is ready. Default: nothing. */
  readonly faults?: FaultOptions;
  /** Until when, in ms after the root was ready: from then on all can get well again. Default: to the end. */
  readonly faultsUntilMs?: number;
  /** What is done at chosen moments, in ms after the root was ready. */
  readonly steps?: readonly (readonly [atMs: number, step: (sim: Simulation<M>) => void | Promise<void>])[];
  /** Told of what the kernels report, each at once and as a step of its own: it may do what a step may. */
  readonly onReport?: (event: KernelEvent, sim: Simulation<M>) => void | Promise<void>;
  /** Hold after every event, by name. */
  readonly invariants?: Readonly<Record<string, Invariant<M>>>;
  /** Hold at the end, before the tree is stopped. */
  readonly atEnd?: Readonly<Record<string, Invariant<M>>>;
  /** Names of hosts, joined with each other; the first is where the program is booted. Default: one host without a name. */
  readonly hosts?: readonly string[];
  /** How long a host is silent until another counts it as lost. Default 5000. */
  readonly detectMs?: number;
  /** Each host has room for so many VMs at a time. Default: for any number. */
  readonly vmsMax?: number;
  /** Delay of a signal between two VMs: from and to, in ms. Default [0.02, 1]. */
  readonly delayMs?: Range;
  /**
   * Which crashes are part of the program. Default: all but errors of the engine (`TypeError` and the like) and broken
   * assertions of the runtime.
   */
  readonly crashes?: (report: CrashReport) => boolean;
  /** Deep-freezes messages within VMs. Default true. */
  readonly development?: boolean;
  /** Lines of the trace to keep; the signature is made of all. Default 10000. */
  readonly traceLines?: number;
  /** One more is taken for a program without end. Default 20 million. */
  readonly eventsMax?: number;
  /** What an error says to type for a repeat. Default: the call of `simulate` with its seed. */
  readonly repeat?: (seed: number) => string;
}

export interface CheckedOptions {
  readonly seed: number;
  readonly untilMs: number;
  readonly delayMs: Range;
  readonly hosts: readonly string[];
  readonly detectMs: number;
  readonly vmsMax: number;
  readonly development: boolean;
  readonly traceLines: number;
  readonly eventsMax: number;
  readonly crashes: (report: CrashReport) => boolean;
  readonly repeat: string;
}

/** Throws `SIM_OPTION`. */
export function checkedOptions<M>(options: SimOptions<M>): CheckedOptions {
  const { seed = 1, delayMs = [0.02, 1], untilMs = 60_000 } = options;
  const { hosts = [], detectMs = 5000 } = options;
  const { traceLines = 10_000, eventsMax = 20_000_000 } = options;
  if (!Number.isSafeInteger(seed)) throw refused("seed", "a whole number", seed);
  checkRange("delayMs", delayMs);
  if (!(traceLines >= 1)) throw refused("traceLines", "1 or more", traceLines);
  if (!(eventsMax >= 1)) throw refused("eventsMax", "1 or more", eventsMax);
  if (!(untilMs >= 0 && untilMs < Infinity)) throw refused("untilMs", "0 or more ms", untilMs);
  if (!hosts.every((name) => namePattern.test(name)) || new Set(hosts).size < hosts.length)
    throw refused("hosts", "names of hosts, each once: 1 to 63 letters, digits, - and _", hosts.join(", "));
  if (!(detectMs > 0 && detectMs < Infinity)) throw refused("detectMs", "a number of ms above 0", detectMs);
  return {
    seed,
    untilMs,
    delayMs,
    hosts,
    detectMs,
    vmsMax: options.vmsMax ?? Infinity,
    development: options.development ?? true,
    traceLines,
    eventsMax,
    crashes: options.crashes ?? isExpected,
    repeat: options.repeat?.(seed) ?? `simulate(app, { seed: ${seed} })`,
  };
}

const namePattern = /^[\w-]{1,63}$/;

export function checkRange(what: string, range: Range): void {
  const [leastMs, mostMs] = range;
  if (!(leastMs >= 0 && mostMs >= leastMs && mostMs < Infinity))
    throw refused(what, "[least, most] in ms, 0 or more", JSON.stringify(range));
}

export const refused = (what: string, expected: string, got: unknown): Error =>
  simError("SIM_OPTION", { what, expected, got: String(got) });

const isExpected = ({ reason }: CrashReport): boolean =>
  !isEngineError(reason) && !(typeof reason === "object" && reason.type === "crash" && reason.code === "BUG");
