import { assert, CallMessage, type Cell, type Message } from "../../kernel/index.ts";
import { keptBy, leastLoaded, type KeyOf } from "./balance.ts";
import type { Backend } from "./backend.ts";
import { PassedCall } from "./passed-call.ts";

/** A mask: one of so many and one more. */
const timedEvery = 7;

/**
 * The way through a service: which VMs serve, and each message to one of them. It is shut while none can take a message, or
 * while somebody holds it: then all messages wait where they are, in the mailbox, in their order. Boots and ends no VM.
 */
export class Route {
  /** Those that serve. */
  readonly backends: Backend[] = [];
  /** Nothing is passed on now. */
  shut = true;
  /** Messages of any kind, ever. */
  passed = 0;
  private readonly cell: Cell;
  /** Whether calls are timed: of each VM one out of eight. */
  private readonly times: boolean;
  private readonly keyOf: KeyOf | undefined;
  private readonly onCongested: (backend: Backend) => void;
  private holds = 0;
  private turn = 0;

  constructor(cell: Cell, keyOf: KeyOf | undefined, times: boolean, onCongested: (backend: Backend) => void) {
    this.cell = cell;
    this.times = times;
    this.keyOf = keyOf;
    this.onCongested = onCongested;
  }

  /** One message of any kind. The caller has looked at `shut`. */
  pass(message: Message): void {
    const { cell } = this;
    const backend = this.choose(message);
    backend.passed++;
    this.passed++;
    if (message instanceof CallMessage) {
      // Who has given up meanwhile hears nothing any more.
      if (!message.waiting) return;
      const atMs = this.times && (backend.passed & timedEvery) === 0 ? cell.kernel.platform.now() : 0;
      new PassedCall(cell, backend, message, atMs).begin();
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

  /** Of the calls that were timed since this was last asked, on average; 0: there were none. */
  latencyMs(): number {
    let sum = 0;
    let count = 0;
    for (const backend of this.backends) {
      sum += backend.timedMs;
      count += backend.timedCalls;
      backend.timedMs = 0;
      backend.timedCalls = 0;
    }
    return count === 0 ? 0 : sum / count;
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
