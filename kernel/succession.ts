import type { CallMessage } from "./call.ts";
import type { Cell } from "./cell.ts";
import { reasonOf } from "./death.ts";
import { apply, type Fn } from "./dispatch.ts";
import { reasonText, type ExitReason } from "./exit.ts";
import type { Wait } from "./wait.ts";
import { workOf } from "./work.ts";

/**
 * What an actor says of itself to the service in front of it: its version, its health, and how its state goes over to the one
 * that takes its place. The service asks by calls of reserved names, which only the VM of the actor's parent may make. What
 * these functions throw is answered, and ends nobody: an actor that cannot hand over goes on serving.
 */

/** What `adopt` gets from what `handoff` returns: each chunk of a generator, or the whole. */
export type ChunkOf<H> = H extends Generator<infer C, unknown, unknown> ? C : Awaited<H>;

type Later<T> = T | PromiseLike<T>;
type Adopted<S> = S | void;

/** The part of an actor that a service asks for. */
export interface Succession<S, H> {
  /** Of its state as it is handed over, for `adopt` of its successors. Default: 0. */
  readonly version?: number;
  /** Asked before it is sent anything, until it is well: `false` or a text that says why not, is "not yet". Default: it is. */
  readonly health?: (state: NoInfer<S>) => Later<boolean | string>;
  /**
   * Its state, for its successor in another VM; it gets no messages by its service meanwhile, and must stay able to go on: a
   * replacement may still fail. A generator gives it in chunks, each asked for when the one before was adopted.
   */
  readonly handoff?: (state: NoInfer<S>) => H;
  /** Takes the predecessor's state, or one chunk of it, into the own one, that `init` made. What it returns is the new state. */
  readonly adopt?: (
    state: NoInfer<S>,
    data: ChunkOf<NoInfer<H>>,
    fromVersion: number,
  ) => Later<Adopted<NoInfer<S>>> | Generator<Wait<unknown>, Adopted<NoInfer<S>>, unknown>;
}

export interface Successor {
  /** Names of calls, of casts, types of plain messages. */
  readonly operations: readonly (readonly string[])[];
  readonly version: number;
  readonly health: Fn | undefined;
  readonly handoff: Fn | undefined;
  readonly adopt: Fn | undefined;
}

/** What an actor answers to `reserved.probe`. */
export interface Probe {
  readonly version: number;
  readonly operations: readonly (readonly string[])[];
  readonly handsOff: boolean;
  readonly adopts: boolean;
  /** Messages that wait behind the question. */
  readonly depth: number;
  /** Undefined: it is well. */
  readonly unwell: string | undefined;
}

/** What it answers to the others. `chunk`: there may be another one; `end`: there is none any more. */
export type Handed =
  | { readonly ok: true; readonly kind: "whole" | "chunk" | "end"; readonly data: unknown }
  | { readonly ok: false; readonly reason: ExitReason };

export const reserved = { probe: "$probe", handoff: "$handoff", adopt: "$adopt" } as const;

type Chunks = Iterator<unknown, unknown, unknown>;

export function answerReserved(cell: Cell, call: CallMessage, successor: Successor): void {
  const { op } = call;
  if (!mayAsk(cell, call)) return call.fail("unknown_op", op);
  if (op === reserved.probe) return probe(cell, call, successor);
  if (op === reserved.handoff && successor.handoff !== undefined)
    return handOff(cell, call, successor.handoff);
  if (op === reserved.adopt && successor.adopt !== undefined) return adopt(cell, call, successor.adopt);
  call.fail("unknown_op", op);
}

const mayAsk = ({ parent }: Cell, { from }: CallMessage): boolean => parent?.home === from.home;

function probe(cell: Cell, call: CallMessage, successor: Successor): void {
  const { version, operations, handoff, adopt: adopts, health } = successor;
  const [handsOff, has] = [handoff !== undefined, adopts !== undefined];
  const facts = { version, operations, handsOff, adopts: has, depth: cell.mailbox.count };
  settle(
    cell,
    () => health?.call(cell, cell.state),
    (well) => {
      const unwell = well === false ? "it says no" : typeof well === "string" ? well : undefined;
      call.reply({ ...facts, unwell } satisfies Probe);
    },
    (reason) => call.reply({ ...facts, unwell: reasonText(reason) } satisfies Probe),
  );
}

/** The first one begins, each next one asks for a chunk more; `true` begins again. */
function handOff(cell: Cell, call: CallMessage, handoff: Fn): void {
  const open = cell.kernel.tableOf(cell.behavior, () => new Map<Cell, Chunks>());
  const fail = (reason: ExitReason): void => {
    open.delete(cell);
    call.reply({ ok: false, reason } satisfies Handed);
  };
  const next = (chunks: Chunks): void => {
    const { done, value } = chunks.next();
    if (done === true) open.delete(cell);
    call.reply({ ok: true, kind: done === true ? "end" : "chunk", data: value } satisfies Handed);
  };
  try {
    const begun = call.args[0] === true ? undefined : open.get(cell);
    if (begun !== undefined) return next(begun);
    const result = handoff.call(cell, cell.state);
    if (isGenerator(result)) {
      open.set(cell, result);
      return next(result);
    }
    settle(
      cell,
      () => result,
      (data) => call.reply({ ok: true, kind: "whole", data } satisfies Handed),
      fail,
    );
  } catch (thrown) {
    fail(reasonOf(thrown));
  }
}

function adopt(cell: Cell, call: CallMessage, take: Fn): void {
  settle(
    cell,
    () => apply(take, cell, cell.state, call.args),
    (state) => {
      if (state !== undefined) cell.state = state;
      call.reply({ ok: true, kind: "end", data: undefined } satisfies Handed);
    },
    (reason) => call.reply({ ok: false, reason } satisfies Handed),
  );
}

type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly thrown: unknown };

/** Runs it in whatever style it is written; the actor takes no message until it is done. */
function settle(
  cell: Cell,
  run: () => unknown,
  done: (value: unknown) => void,
  failed: (reason: ExitReason) => void,
): void {
  const tell = (outcome: Outcome): void =>
    outcome.ok ? done(outcome.value) : failed(reasonOf(outcome.thrown));
  let result: unknown;
  try {
    result = run();
  } catch (thrown) {
    return tell({ ok: false, thrown });
  }
  // Sound: `guarded` and the promise's two functions give outcomes.
  const work = workOf(cell, guarded(result), (_cell, outcome) => tell(outcome as Outcome), undefined);
  if (work === null) tell({ ok: true, value: result });
  else cell.follow(work);
}

function guarded(result: unknown): unknown {
  if (isGenerator(result)) return caught(result);
  if (typeof result !== "object" || result === null || !("then" in result)) return result;
  if (typeof result.then !== "function") return result;
  // Sound: an object with a `then` method is what `PromiseLike` means.
  return (result as PromiseLike<unknown>).then(
    (value): Outcome => ({ ok: true, value }),
    (thrown: unknown): Outcome => ({ ok: false, thrown }),
  );
}

function* caught(steps: Chunks): Generator<unknown, Outcome, unknown> {
  try {
    for (let step = steps.next(); ; step = steps.next(yield step.value))
      if (step.done === true) return { ok: true, value: step.value };
  } catch (thrown) {
    return { ok: false, thrown };
  }
}

const isGenerator = (value: unknown): value is Chunks =>
  Object.prototype.toString.call(value) === "[object Generator]";
