import { isObject } from "./protocol.ts";

export type BlankWord = "blank" | "primed";

/**
 * How far a blank is, as its machinery says on the way by which a VM tells its host things: each word once. Whoever says it again is the
 * program, and is heard as for any other word.
 */
export class BlankWords {
  private readonly left: Set<unknown>;
  /** With this one it is ready. */
  private readonly last: BlankWord;

  /** `primed`: it runs a program's top level before it is ready. */
  constructor(primed: boolean) {
    this.last = primed ? "primed" : "blank";
    this.left = new Set<BlankWord>(["blank", this.last]);
  }

  /** True: it was one of them, and is for nobody else. `ready` is called with the last one. */
  take(message: unknown, ready: () => void = () => {}): boolean {
    if (!isObject(message) || !this.left.delete(message["type"])) return false;
    if (message["type"] === this.last) ready();
    return true;
  }
}
