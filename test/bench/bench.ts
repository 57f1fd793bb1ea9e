/**
 * What a benchmark is: contenders that do the same countable work, and the figures read off it.
 *
 * A contender is a program in a process of its own. It is given the amount of work as its last argument, warms up,
 * does the work, verifies it, and prints one `Sample` as its last line. This file holds shapes only, no behaviour.
 */
export interface Sample {
  /** Units of work done: must equal what was asked for. */
  readonly work: number;
  readonly elapsedNs: number;
  /** A sum over the contents of every message handled: must equal the bench's own `check`. */
  readonly check: string;
  /** Further measurements, such as bytes an actor. */
  readonly extra?: Readonly<Record<string, number>>;
}

/** How to start a process; the amount of work is appended to `args`. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A program not yet ready to start: `prepare` compiles what needs it into `directory`, or says why it cannot. */
export interface Program {
  readonly prepare: (directory: string) => Promise<Command | { readonly skipped: string }>;
}

export interface Contender {
  readonly name: string;
  /** `ours` is compared with each `peer` of the same group. */
  readonly role: "ours" | "peer";
  /** Contenders of different groups do different work, and are not compared. Default "". */
  readonly group?: string;
  /** Units of work of a full run; `--quick` does a twentieth. */
  readonly count: number;
  readonly program: Program;
}

export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly better: "higher" | "lower";
  readonly of: (sample: Sample) => number;
}

/** What must hold: a ratio against a peer (more than 1: ours is better), or a bound on our own figure. */
export type Goal =
  | { readonly figure: string; readonly ours: string; readonly peer: string; readonly atLeastRatio: number }
  | { readonly figure: string; readonly ours: string; readonly atMost: number };

export interface Bench {
  readonly name: string;
  readonly about: string;
  readonly contenders: readonly Contender[];
  readonly figures: readonly Figure[];
  readonly goals?: readonly Goal[];
  /** The checksum of `count` units of work, worked out without doing them. */
  readonly check: (count: number, group: string) => string;
}

/** The figure most benches have: units of work a second. */
export function rate(name: string, unit: string): Figure {
  return { name, unit, better: "higher", of: (sample) => (sample.work * 1e9) / sample.elapsedNs };
}

/** 1 + 2 + ... + count, the checksum of numbered messages. */
export function triangle(count: number): number {
  return (count * (count + 1)) / 2;
}
