import type { Task } from "../start-child.ts";
import type { Crew } from "./crew.ts";
import type { Front } from "./front.ts";
import { atFirst, scaled, type Sample, type Scaling } from "./scaler.ts";

/** Looks at a service every so often, and has its crew follow the load. It rests while there is no VM. */
export class Autoscaler {
  private readonly front: Front;
  private readonly crew: Crew;
  private runs = false;
  private passed = 0;

  constructor(front: Front, crew: Crew) {
    this.front = front;
    this.crew = crew;
  }

  /** Does nothing if it is on, or if there is nothing to decide. */
  start(): void {
    const { min, max } = this.front.options;
    if (this.runs || min === max) return;
    this.runs = true;
    this.front.tasks.run(this.watch());
  }

  private *watch(): Task<void> {
    const { front, crew } = this;
    const { scale, sampleEveryMs } = front.options;
    let state: Scaling = atFirst(crew.wanted, front.nowMs);
    for (;;) {
      yield* front.self.sleep(sampleEveryMs);
      const sample = yield* this.sample();
      const before = crew.wanted;
      if (before === 0) break;
      // Somebody else may have changed it: an empty host, a death.
      state = scaled({ ...state, wanted: before }, sample, scale);
      const { wanted } = state;
      if (wanted === before || crew.replacing || crew.wanted !== before) continue;
      crew.wanted = wanted;
      front.events.tell(wanted === 0 ? "reaped" : "scaled", {});
      crew.tend();
      if (wanted === 0) break;
    }
    this.runs = false;
  }

  private *sample(): Task<Sample> {
    const { front } = this;
    const { route, options, cell } = front;
    let depth = 0;
    if (options.scale.depthPerVm < Infinity)
      for (const backend of route.backends.slice()) {
        try {
          depth += (yield* front.self.callWithin(options.sampleEveryMs, backend.ref, "$probe")).depth;
        } catch {
          // It is too busy to say, or gone: as deep as is right, and a little more.
          depth += options.scale.depthPerVm * 2;
        }
      }
    const passed = route.passed;
    const traffic = passed !== this.passed;
    this.passed = passed;
    const waiting = route.shut ? cell.mailbox.count : 0;
    return {
      atMs: front.nowMs,
      calls: route.outstanding + waiting,
      depth,
      latencyMs: route.latencyMs(),
      traffic,
    };
  }
}
