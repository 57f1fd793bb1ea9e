import { crashOf, selfOf, type Cell, type ExitReason, type Self } from "../../kernel/index.ts";
import { supervisorError } from "../errors.ts";
import { counted } from "../intensity.ts";
import type { Task } from "../start-child.ts";
import type { Backend } from "./backend.ts";
import type { CheckedService } from "./check-service.ts";
import { ServiceEvents } from "./events.ts";
import { Route } from "./route.ts";
import { Tasks } from "./tasks.ts";

/** All that one service knows and does, for the pieces of it: its way through, its VMs, its tasks. It decides nothing. */
export class Front {
  readonly cell: Cell;
  readonly self: Self<never>;
  readonly options: CheckedService;
  /** Of each root. */
  readonly args: readonly unknown[];
  readonly events: ServiceEvents;
  readonly tasks: Tasks = new Tasks();
  readonly route: Route;
  /** Every VM of it that lives, serving or not, by the key of its bond. */
  readonly known: Map<string, Backend> = new Map();
  /** How many VMs should serve. Its crew changes it. */
  wanted: number;
  private lost: readonly number[] = [];

  constructor(cell: Cell, options: CheckedService, args: readonly unknown[]) {
    this.cell = cell;
    this.self = selfOf(cell);
    this.options = options;
    this.args = args;
    this.wanted = options.min;
    this.route = new Route(cell, options.keyOf, options.scale.latencyMs < Infinity, (backend) =>
      this.tasks.run(this.untilDrained(backend)),
    );
    this.events = new ServiceEvents(
      cell,
      options.label,
      () => this.route.backends.length,
      () => this.wanted,
    );
  }

  get nowMs(): number {
    return this.cell.kernel.platform.now();
  }

  get name(): string {
    return `service ${this.options.label} ${this.cell.ref.toString()}`;
  }

  /** What calls are answered with while there is no VM. */
  down(reason: ExitReason): ExitReason {
    return crashOf(supervisorError("SERVICE_DOWN", { service: this.name, reason }));
  }

  /** A VM that served has died. False: that was one too many. */
  mayGoOn(): boolean {
    const { restarts, withinMs } = this.options.intensity;
    this.lost = counted(this.lost, this.nowMs, withinMs);
    return this.lost.length <= restarts;
  }

  private *untilDrained(backend: Backend): Task<void> {
    yield* this.self.drained(backend.ref);
    this.route.drained(backend);
  }
}
