import {
  CallMessage,
  crashOf,
  DownMessage,
  ExitMessage,
  refTo,
  sameRef,
  selfOf,
  shutdown,
  type Cell,
  type ExitReason,
  type Message,
  type Work,
} from "../../kernel/index.ts";
import { supervisorError } from "../errors.ts";
import { stopAll } from "../shutdown.ts";
import type { Task } from "../start-child.ts";
import { administer } from "./administration.ts";
import type { CheckedService } from "./check-service.ts";
import { Crew } from "./crew.ts";
import { abandon } from "./dismiss.ts";
import { Front } from "./front.ts";
import type { ServiceStatus } from "./protocol.ts";
import { Autoscaler } from "./scaling.ts";
import { isOwn, WaitingLine } from "./waiting-line.ts";

/**
 * The mailbox of a service, and what in it is for whom: messages to be passed on, in their order, and what is for the service
 * itself, which never waits for them. It hears of the ends of VMs, and asks the crew for others.
 */
export class Desk implements Work {
  private readonly front: Front;
  private readonly crew: Crew;
  private readonly cell: Cell;
  private readonly autoscaler: Autoscaler;
  private begun = false;
  private readonly line: WaitingLine;

  constructor(cell: Cell, options: CheckedService, args: readonly unknown[]) {
    this.cell = cell;
    this.front = new Front(cell, options, args);
    this.line = new WaitingLine(cell, (waiting) => this.refusal(waiting));
    this.crew = new Crew(this.front);
    this.crew.onFailed = (reason) => this.failed(reason);
    this.autoscaler = new Autoscaler(this.front, this.crew);
    this.front.tasks.run(this.start());
  }

  /** Before each row of messages. */
  resume(cell: Cell): void {
    const { front } = this;
    const { route } = front;
    const { backends } = route;
    for (let i = backends.length - 1; i >= 0; i--) {
      const backend = backends[i];
      if (backend === undefined || backend.isLive(cell)) continue;
      // Its end stands behind the messages that wait: what is sent to it would be lost.
      route.remove(backend);
      backend.fell = true;
    }
    front.tasks.advance();
    if (route.shut) this.lookThrough();
  }

  /** The next message while the way through is open. */
  take(message: Message): void {
    const { route } = this.front;
    this.line.taken();
    if (isOwn(message)) this.takeOwn(message);
    else route.pass(message);
    // Nobody wakes an actor that is awake: what came about just now may be what a task waits for.
    this.front.tasks.advance();
    if (route.shut) this.lookThrough();
  }

  status(): ServiceStatus {
    const { route, options } = this.front;
    return {
      label: options.label,
      wanted: this.crew.wanted,
      booting: this.crew.coming,
      waiting: route.shut ? this.cell.mailbox.count : 0,
      vms: route.backends.map(({ vm, address: { host }, place, outstanding, passed, failed }) => ({
        vm,
        host,
        place,
        outstanding,
        passed,
        failed,
      })),
    };
  }

  *close(): Task<void> {
    const { known, options, self } = this.front;
    const children = [...known.values()].map(({ address, vm }) => ({ address, vm }));
    // Sound: it sends itself nothing, as a supervisor may.
    yield* stopAll(self as never, { shutdownMs: options.shutdownMs, restart: "permanent" }, children);
  }

  private *start(): Task<void> {
    const { cell, crew } = this;
    const failed = yield* crew.begin();
    if (failed !== undefined) return selfOf(cell).stop(failed);
    this.begun = true;
    if (crew.wanted > 0) this.autoscaler.start();
    cell.starting?.succeed({});
    yield* this.announce();
  }

  private *announce(): Task<void> {
    const { self, options } = this.front;
    try {
      yield* self.call(self.host, "announce", options.label);
    } catch {
      // It serves all the same: operators do not find it by name.
    }
  }

  /** While the way through is shut: takes what is for the service itself, refuses what is too much, and leaves the rest. */
  private lookThrough(): void {
    const { cell, front } = this;
    const { route } = front;
    while (route.shut) {
      const own = this.line.nextOwn();
      if (own === null) break;
      this.takeOwn(own);
      front.tasks.advance();
    }
    if (!route.shut) return;
    if (this.line.count > 0) this.summon();
    // It is woken by the next message, or by what a task waits for.
    cell.rest();
  }

  private takeOwn(message: Message): void {
    const { front, crew } = this;
    if (message instanceof ExitMessage) this.ended(message);
    else if (message instanceof DownMessage) front.events.ended(message.monitor);
    else if (message instanceof CallMessage) administer(front, crew, message, this.status());
  }

  private ended({ from, reason }: ExitMessage): void {
    const { cell, crew, front } = this;
    const { route, options, events } = front;
    if (cell.parent !== null && sameRef(from, refTo(cell.parent))) return selfOf(cell).stop(reason);
    const backend = front.known.get(from.toString());
    if (backend === undefined) return;
    front.known.delete(backend.key);
    const served = route.remove(backend) || backend.fell;
    backend.ended();
    abandon(front, backend, reason);
    if (backend.asked) return;
    events.tell("lost", { vm: backend.vm, reason, durationMs: front.nowMs - backend.servesSinceMs });
    if (!served) return;
    if (route.backends.length === 0 && !backend.exchanging) {
      if (options.min === 0) crew.wanted = 0;
      if (!options.waits) this.line.refuseCalls(front.down(reason));
    }
    if (front.mayGoOn()) return backend.exchanging ? undefined : crew.lost(backend);
    cell.kernel.report({
      type: "supervisor",
      supervisor: cell.ref.toString(),
      child: options.label,
      report: "shutdown",
      reason: "reached_max_restart_intensity",
    });
    selfOf(cell).stop(shutdown({ type: "reached_max_restart_intensity", service: options.label, reason }));
  }

  /** Somebody waits, and there is no VM, nor one on its way. */
  private summon(): void {
    const { crew, front } = this;
    if (crew.wanted > 0 || this.cell.stopping !== null) return;
    front.events.tell("summoned");
    crew.wanted = 1;
    crew.tend();
    this.autoscaler.start();
  }

  /** A boot has failed, and no VM serves. */
  private failed(reason: ExitReason): void {
    this.line.refuseCalls(this.front.down(reason));
    if (this.front.options.min === 0 && this.line.count === 0) this.crew.wanted = 0;
  }

  private refusal(waiting: number): ExitReason | undefined {
    const { route, options } = this.front;
    if (!options.waits && route.backends.length === 0 && this.begun) return this.front.down("noproc");
    if (waiting < options.queueMax) return undefined;
    const details = { service: this.front.name, queueMax: options.queueMax };
    return crashOf(supervisorError("SERVICE_QUEUE_FULL", details));
  }
}
