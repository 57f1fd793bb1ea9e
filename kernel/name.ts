declare const accepts: unique symbol;

/** A name for an actor in one VM, with the protocol that whoever holds it must accept. */
export interface Name<in M> {
  readonly text: string;
  /** Type level only. */
  readonly [accepts]?: (message: M) => void;
}

/** Make it once, at the top of a module, and share it. */
export function name<M>(text: string): Name<M> {
  return { text };
}
