import { assert, CallMessage, type Cell, type Message } from "../../kernel/index.ts";
import { keptBy, leastLoaded, type KeyOf } from "./balance.ts";
import type { Backend } from "./backend.ts";
import { PassedCall } from "./passed-call.ts";

/**
 * The way through a service: which VMs serve, and each message to one of them. It is shut while none can take a message, or
 * while somebody holds it: then all messages wait where they are, in the mailbox, in their order. Boots and ends no VM.
 */
export class Route {
  /** Those that serve. */
  readonly backends: Backend[] = [];
  /** Nothing is passed on now. */
  shut = true;
  private readonly cell: Cell;
  private readonly keyOf: KeyOf | undefined;
  private readonly onCongested: (backend: Backend) => void;
  private holds = 0;
  private turn = 0;

  constructor(cell: Cell, keyOf: KeyOf | undefined, onCongested: (backend: Backend) => void) {
    this.cell = cell;
    this.keyOf = keyOf;
    this.onCongested = onCongested;
  }

  /** One message of any kind. The caller has looked at `shut`. */
  pass(message: Message): void {
    const { cell } = this;
    const backend = this.choose(message);
    backend.passed++;
    if (message instanceof CallMessage) {
      // Who has given up meanwhile hears nothing any more.
      if (!message.waiting) return;
      new PassedCall(cell, backend, message).begin();
    } else {
      try {
        cell.kernel.postAway(null, backend.address, message);
      } catch {
        cell.kernel.deadLetter(backend.address, message, "refused");
      }
    }
    if (backend.address.home.carrier?.congested !== true) return;
    backend.congested = true;
    this.look();
    this.onCongested(backend);
  }

  add(backend: Backend): void {
    this.backends.push(backend);
    this.look();
  }

  /** False: it was not there. */
  remove(backend: Backend): boolean {
    const at = this.backends.indexOf(backend);
    if (at < 0) return false;
    this.backends.splice(at, 1);
    this.look();
    return true;
  }

  /** From one message to the next, `after` is where `before` was. */
  exchange(before: Backend, after: Backend): void {
    const at = this.backends.indexOf(before);
    if (at >= 0) this.backends[at] = after;
    else this.backends.push(after);
    this.look();
  }

  hold(): void {
    this.holds++;
    this.look();
  }

  release(): void {
    this.holds--;
    assert(this.holds >= 0, "a route is released once for each hold");
    this.look();
  }

  drained(backend: Backend): void {
    backend.congested = false;
    this.look();
  }

  get outstanding(): number {
    let sum = 0;
    for (const { outstanding } of this.backends) sum += outstanding;
    return sum;
  }

  private look(): void {
    const { backends, keyOf } = this;
    // A key has one VM: what comes behind a message that cannot go there must not overtake it.
    const ready =
      keyOf === undefined
        ? backends.some(({ congested }) => !congested)
        : backends.length > 0 && backends.every(({ congested }) => !congested);
    this.shut = this.holds > 0 || !ready;
  }

  private choose(message: Message): Backend {
    const { backends, keyOf } = this;
    const [first] = backends;
    let chosen = first;
    if (backends.length > 1)
      chosen = keyOf === undefined ? leastLoaded(backends, this.turn++) : keptBy(backends, keyOf(message));
    assert(chosen !== undefined, "an open route leads somewhere");
    return chosen;
  }
}
