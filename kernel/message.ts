/**
 * What travels to a mailbox: plain tagged objects. Calls and casts are messages too, so that a protocol can be narrowed
 * before it is handed to someone less trusted.
 */

/** Every message is an object told apart by `type`. Names that start with `$` and the words `exit`, `down` are ours. */
export interface Message {
  readonly type: string;
}

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
}

/** A named operation without a reply (`gen_server:cast`). */
export interface Cast<Op extends string, Args extends readonly unknown[]> extends Message {
  readonly type: "$cast";
  readonly op: Op;
  readonly args: Args;
}

type AnyCall = Call<string, never, never>;
type AnyCast = Cast<string, never>;

/** The calls and casts of a protocol, by shape: `Extract` alone would also have to compare replies. */
type CallIn<M> = M extends { readonly type: "$call" } ? M : never;
type CastIn<M> = M extends { readonly type: "$cast" } ? M : never;

export type CallOp<M> = CallIn<M> extends { readonly op: infer Op extends string } ? Op : never;
export type CastOp<M> = CastIn<M> extends { readonly op: infer Op extends string } ? Op : never;
export type CallArgs<M, Op> =
  Extract<CallIn<M>, { readonly op: Op }> extends { readonly args: infer A extends readonly unknown[] }
    ? A
    : never;
export type CastArgs<M, Op> =
  Extract<CastIn<M>, { readonly op: Op }> extends { readonly args: infer A extends readonly unknown[] }
    ? A
    : never;
export type CallReply<M, Op> =
  Extract<CallIn<M>, { readonly op: Op }> extends { readonly reply: (value: infer R) => void } ? R : never;

/** What may be sent with `send`: the plain messages of a protocol. */
export type Sendable<M> = Exclude<M, AnyCall | AnyCast>;

/** A cast on its way, the runtime side of {@link Cast}. */
export class CastMessage implements Cast<string, readonly unknown[]> {
  readonly type = "$cast";
  readonly op: string;
  readonly args: readonly unknown[];
  constructor(op: string, args: readonly unknown[]) {
    this.op = op;
    this.args = args;
  }
}
