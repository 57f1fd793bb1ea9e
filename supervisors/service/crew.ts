import type { ExitReason } from "../../kernel/index.ts";
import { backoffMs, failuresInRow, type Backoff } from "../backoff.ts";
import type { Task } from "../start-child.ts";
import type { Backend, Program } from "./backend.ts";
import { dismiss, emptied } from "./dismiss.ts";
import type { Front } from "./front.ts";
import { isOutOfRoom } from "./provider.ts";
import { recruit } from "./recruit.ts";

const bootBackoff: Backoff = { firstMs: 100, maxMs: 5000 };

/**
 * Keeps as many VMs serving as are wanted: boots those that are missing, one after the other tries again what fails, ends those
 * that are too many. Who decides how many that are is somebody else.
 */
export class Crew {
  /** What new VMs run. */
  program: Program;
  /** Its program is being changed. */
  replacing = false;
  /** Being booted, or about to be. */
  coming = 0;
  /** Told why, when a boot has failed and no VM serves. */
  onFailed: (reason: ExitReason) => void = () => {};
  private readonly front: Front;
  private readonly places = new Set<number>();
  /** Boots that failed, in a row. */
  private failures = 0;
  private bootAtMs = 0;

  constructor(front: Front) {
    this.front = front;
    this.program = front.options.program;
  }

  get wanted(): number {
    return this.front.wanted;
  }

  set wanted(wanted: number) {
    this.front.wanted = wanted;
  }

  /** Boots what is missing, and ends what is too much. */
  tend(): void {
    const { front, wanted } = this;
    const { backends } = front.route;
    while (backends.length + this.coming < wanted) {
      this.coming++;
      front.tasks.run(this.fill());
    }
    while (backends.length > wanted) {
      const idlest = idlestOf(backends);
      if (idlest === undefined) return;
      front.tasks.run(this.retire(idlest));
    }
  }

  /** The first VMs, before the service is ready. Throws what a start throws. */
  *begin(): Task<ExitReason | undefined> {
    const { front, wanted } = this;
    for (let i = 0; i < wanted; i++) {
      const reason = yield* this.join(this.program);
      if (reason !== undefined) return reason;
    }
    return front.cell.stopping ?? undefined;
  }

  /** A VM that served has died. */
  lost(backend: Backend): void {
    const livedMs = this.front.nowMs - backend.servesSinceMs;
    const { backoff } = this.front.options;
    this.places.delete(backend.place);
    if (backoff === undefined) return this.tend();
    this.failures = failuresInRow(backoff, this.failures, livedMs);
    this.bootAtMs = this.front.nowMs + backoffMs(backoff, this.failures);
    this.tend();
  }

  private *fill(): Task<void> {
    const { front } = this;
    for (;;) {
      const delayMs = this.bootAtMs - front.nowMs;
      if (delayMs > 0) yield* front.self.sleep(delayMs);
      const reason = yield* this.join(this.program);
      if (reason === undefined) break;
      const isFull = isOutOfRoom(reason);
      this.failures++;
      this.bootAtMs = front.nowMs + backoffMs(front.options.backoff ?? bootBackoff, this.failures);
      const serving = front.route.backends.length;
      if (isFull && serving > 0) this.wanted = Math.max(serving, front.options.min);
      if (serving === 0) this.onFailed(reason);
      if (serving + this.coming > this.wanted) break;
    }
    this.coming--;
    this.tend();
  }

  /** Undefined: one more serves. */
  private *join(program: Program): Task<ExitReason | undefined> {
    const { front } = this;
    const startedAtMs = front.nowMs;
    const place = this.freePlace();
    this.places.add(place);
    const recruited = yield* recruit(front, program, place);
    const durationMs = front.nowMs - startedAtMs;
    if (!recruited.ok) {
      this.places.delete(place);
      const { reason } = recruited;
      front.events.tell(isOutOfRoom(reason) ? "out_of_room" : "boot_failed", { durationMs, reason });
      return reason;
    }
    const { backend } = recruited;
    this.failures = 0;
    backend.servesSinceMs = front.nowMs;
    front.route.add(backend);
    front.events.tell("ready", { durationMs, vm: backend.vm });
    return undefined;
  }

  private *retire(backend: Backend): Task<void> {
    const { front } = this;
    front.route.remove(backend);
    if ((yield* emptied(front, backend, front.options.drainTimeoutMs)) || backend.gone) {
      this.places.delete(backend.place);
      return yield* dismiss(front, backend);
    }
    // It is not done with what it was given: it goes on serving, and nothing is lost.
    front.route.add(backend);
    this.wanted = Math.max(this.wanted, front.route.backends.length);
  }

  private freePlace(): number {
    let place = 0;
    while (this.places.has(place)) place++;
    return place;
  }
}

/** Of those that may go. */
function idlestOf(backends: readonly Backend[]): Backend | undefined {
  let idlest: Backend | undefined;
  for (const backend of backends)
    if (!backend.exchanging && (idlest === undefined || backend.outstanding <= idlest.outstanding))
      idlest = backend;
  return idlest;
}
