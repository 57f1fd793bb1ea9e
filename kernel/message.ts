/**
 * What travels to a mailbox: plain tagged objects. Calls and casts are messages too, so that a protocol can be narrowed
 * before it is handed to someone less trusted.
 */

/** Every message is an object told apart by `type`. Names that start with `$` and the words `exit`, `down` are ours. */
export interface Message {
  readonly type: string;
}

/** Type level only: calls and casts are made by `call` and `cast`, and never written down as objects. */
export declare const made: unique symbol;

/**
 * A named operation with a reply (`gen_server:call`).
 * `R` stands in a parameter position, so that `Ref<in M>` comes out covariant in replies.
 */
export interface Call<Op extends string, Args extends readonly unknown[], R> extends Message {
  readonly type: "$call";
  readonly op: Op;
  readonly args: Args;
  /** Answers the caller, once. Later answers, and answers to a caller that has given up, vanish. */
  readonly reply: (value: R) => void;
  readonly [made]: true;
}

/** A named operation without a reply (`gen_server:cast`). */
export interface Cast<Op extends string, Args extends readonly unknown[]> extends Message {
  readonly type: "$cast";
  readonly op: Op;
  readonly args: Args;
  readonly [made]: true;
}

// Each distributes over the protocol: of one without calls, or without casts, there comes `never`, and not anything.
export type CallOp<M> = M extends { readonly type: "$call"; readonly op: infer Op extends string }
  ? Op
  : never;
export type CastOp<M> = M extends { readonly type: "$cast"; readonly op: infer Op extends string }
  ? Op
  : never;
export type CallArgs<M, Op> = M extends {
  readonly type: "$call";
  readonly op: Op;
  readonly args: infer A extends readonly unknown[];
}
  ? A
  : never;
export type CastArgs<M, Op> = M extends {
  readonly type: "$cast";
  readonly op: Op;
  readonly args: infer A extends readonly unknown[];
}
  ? A
  : never;
export type CallReply<M, Op> = M extends {
  readonly type: "$call";
  readonly op: Op;
  readonly reply: (value: infer R) => void;
}
  ? R
  : never;

/** A cast on its way, the runtime side of {@link Cast}. */
export class CastMessage implements Cast<string, readonly unknown[]> {
  declare readonly [made]: true;
  readonly type = "$cast";
  readonly op: string;
  readonly args: readonly unknown[];
  constructor(op: string, args: readonly unknown[]) {
    this.op = op;
    this.args = args;
  }
}
