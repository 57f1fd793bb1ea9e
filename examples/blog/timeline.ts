import { process as actorProcess, reasonText, serviceEvents, type Host, type Ref, type Self } from "motes";
import type { ServiceEvent, ServiceProtocol } from "motes";

/** A step of the service, in ms since 1970. */
export interface Moment {
  readonly atMs: number;
  readonly event: ServiceEvent;
}

interface Waiting {
  readonly holds: (event: ServiceEvent) => boolean;
  readonly resolve: (found: boolean) => void;
}

/** What the service tells of itself, as it comes. */
export class Timeline {
  readonly moments: Moment[] = [];
  private readonly tell: (moment: Moment) => void;
  private readonly waiting = new Set<Waiting>();

  constructor(tell: (moment: Moment) => void) {
    this.tell = tell;
  }

  /** From then on, until the host ends. */
  async follow(host: Host, service: Ref<ServiceProtocol>): Promise<void> {
    await new Promise<void>((follows) => {
      host.self.spawn(follower, service, follows, (event) => this.add(event));
    });
  }

  /** Resolves at the next event for which it holds; false: none came in time. */
  async next(holds: (event: ServiceEvent) => boolean, limitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const waiting: Waiting = {
        holds,
        resolve: (found) => {
          clearTimeout(timer);
          this.waiting.delete(waiting);
          resolve(found);
        },
      };
      const timer = setTimeout(() => waiting.resolve(false), limitMs);
      this.waiting.add(waiting);
    });
  }

  private add(event: ServiceEvent): void {
    const moment = { atMs: Date.now(), event };
    this.moments.push(moment);
    this.tell(moment);
    for (const waiting of this.waiting) if (waiting.holds(event)) waiting.resolve(true);
  }
}

const follower = actorProcess(function* (
  self: Self<ServiceEvent>,
  service: Ref<ServiceProtocol>,
  follows: () => void,
  add: (event: ServiceEvent) => void,
) {
  yield* serviceEvents(self, service);
  follows();
  for (;;) add(yield* self.receive("service"));
});

/** `ready  VM 4 in 41 ms; 2 serve`. */
export function momentText({ step, vm, vms, durationMs, reason }: ServiceEvent): string {
  const what = vm === 0 ? "" : ` VM ${vm}`;
  const took = durationMs < 1 ? "" : ` in ${Math.round(durationMs)} ms`;
  const why = reason === "normal" ? "" : `: ${reasonText(reason)}`;
  return `${step.padEnd(12)}${`${what}${took}${why}`.trim().padEnd(24)}${vms} serving`;
}
