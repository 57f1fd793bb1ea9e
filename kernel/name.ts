declare const accepts: unique symbol;

/**
 * A name for an actor in one VM, with the protocol that whoever holds it must accept. Invariant: who looks it up may send all
 * of `M`, so it may not pass for a name that promises less when it is taken.
 */
export interface Name<in out M> {
  readonly text: string;
  /** Type level only. */
  readonly [accepts]?: (message: M) => M;
}

/** Make it once, at the top of a module, and share it. */
export function name<M>(text: string): Name<M> {
  return { text };
}
