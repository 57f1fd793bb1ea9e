/**
 * A cloud on this host: a controller, and the agent of this host, with timers around them. By itself it has its store in its own memory;
 * with a shared store it is one of many hosts, and one of those leads. Owns its VMs and its timers; nothing of it is left after `close`.
 */
import type { Host } from "../../host/host.ts";
import { scaled } from "../cloud.ts";
import { Controller } from "../controller.ts";
import type { Cloud } from "../declaration.ts";
import type { CloudEvent } from "../event.ts";
import { HostAgent } from "../host-agent.ts";
import { cloudError } from "../errors.ts";
import { MemoryStore } from "../memory-store.ts";
import { aloneTimes, defaultTimes, keys } from "../records.ts";
import { type CloudStatus, statusOf } from "../status.ts";
import type { NatsCloudStore } from "../shared/nats-store.ts";
import type { CloudStore } from "../store.ts";
import { Wanted } from "../wanted.ts";
import { LocalHost, type LocalHostOptions } from "./local-host.ts";
import { Programs } from "./programs.ts";

export interface LocalCloudOptions extends LocalHostOptions {
  readonly host: Host;
  /** Of a cloud of many hosts; its owner closes it. Default: this host is the only one. */
  readonly shared?: NatsCloudStore | undefined;
  readonly onEvent?: (event: CloudEvent) => void;
}

/** Events that are remembered. */
const eventsMax = 1000;

export class LocalCloud {
  /** The last ones. */
  readonly events: CloudEvent[] = [];
  private readonly store: CloudStore;
  private readonly programs: Programs;
  private readonly agent: HostAgent;
  private readonly controller: Controller;
  private readonly listeners = new Set<(event: CloudEvent | undefined) => void>();
  private readonly wanted: Wanted;
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  private closed = false;

  constructor({ host, shared, onEvent = () => {}, ...options }: LocalCloudOptions) {
    this.store = shared ?? new MemoryStore((work) => queueMicrotask(work));
    this.programs = new Programs(shared?.shelf);
    const local = new LocalHost(host, this.programs, options);
    const times = shared === undefined ? aloneTimes : defaultTimes;
    const given = { store: this.store, times, now: () => performance.now() };
    this.agent = new HostAgent(local, given);
    local.events = {
      started: (vm) => this.awake(() => this.agent.started(vm)),
      ended: (vm, reason) => this.awake(() => this.agent.ended(vm, reason)),
    };
    this.controller = new Controller({
      ...given,
      name: local.info.name,
      contactMs: () => this.agent.lease.contactMs,
      onEvent: (event) => {
        this.remember(event);
        onEvent(event);
      },
    });
    this.wanted = new Wanted(this.store, () => this.awake(() => {}));
    // Whatever is heard of is written before by somebody here.
    for (const of of [keys.leader, keys.status, keys.host(""), keys.assignment(""), keys.report("")])
      this.store.watch(
        of,
        () => this.awake(() => {}),
        () => {},
      );
    this.awake(() => {});
  }

  /** As it is to be. Programs are found from the folder. Throws what bundling them throws. */
  async declare(cloud: Cloud, folder: string): Promise<void> {
    const prepared = await this.programs.prepare(cloud, folder);
    await this.change(() => prepared);
  }

  /** Of what is declared by then. Rejects with `CLOUD_OPTION`, `CLOUD_BUDGET`, `CLOUD_STORE`. */
  async scale(role: string, count: number): Promise<void> {
    await this.change((present) => {
      if (present !== undefined) return scaled(present, role, count);
      throw cloudError("CLOUD_OPTION", {
        what: "scale",
        expected: "a cloud that was declared: motes cloud up cloud.ts",
        got: "none",
      });
    });
  }

  /** None of its VMs is wanted any more. Rejects with `CLOUD_STORE`. */
  async empty(): Promise<void> {
    await this.change((present) => (present === undefined ? undefined : { ...present, roles: [] }));
  }

  status(): CloudStatus {
    return statusOf(this.controller, performance.now());
  }

  /** Resolves with whether it is as it should be, at the latest after so many ms. */
  async settled(timeoutMs: number): Promise<boolean> {
    const untilMs = performance.now() + timeoutMs;
    for (;;) {
      if (this.isSettled) return true;
      const leftMs = untilMs - performance.now();
      if (leftMs <= 0 || this.closed) return false;
      await this.next(leftMs);
    }
  }

  /** What is remembered, and all that follows until it is closed. */
  async *watch(): AsyncGenerator<CloudEvent> {
    const queue = [...this.events];
    let wake = (): void => {};
    const hear = (event: CloudEvent | undefined): void => {
      if (event !== undefined) queue.push(event);
      wake();
    };
    this.listeners.add(hear);
    try {
      for (;;) {
        for (let event = queue.shift(); event !== undefined; event = queue.shift()) yield event;
        if (this.closed) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      this.listeners.delete(hear);
    }
  }

  /** It keeps nothing true any more; its host's VMs end with the host. */
  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
    this.wanted.close();
    this.agent.close();
    this.controller.close();
    this.tell(undefined);
  }

  /** What was declared last is known to the leader, and true. */
  private get isSettled(): boolean {
    return this.controller.isSettled(this.wanted.revision);
  }

  /** Rejects with `CLOUD_STORE`, and what `made` throws. */
  private async change(made: (present: Cloud | undefined) => Cloud | undefined): Promise<void> {
    await this.wanted.change(made);
    this.awake(() => {});
  }

  private async next(withinMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.listeners.add(done);
    });
  }

  private remember(event: CloudEvent): void {
    this.events.push(event);
    if (this.events.length > eventsMax) this.events.shift();
    this.tell(event);
  }

  private tell(event: CloudEvent | undefined): void {
    for (const listener of this.listeners) listener(event);
  }

  /** Many at once lead to one turn. */
  private awake(what: () => void): void {
    what();
    if (this.closed) return;
    this.immediate ??= setImmediate(() => this.turn());
  }

  private turn(): void {
    this.immediate = undefined;
    if (this.closed) return;
    clearTimeout(this.timer);
    const nextMs = Math.min(this.agent.turn(), this.controller.turn());
    // An immediate that was asked for meanwhile comes first.
    this.timer = setTimeout(() => this.awake(() => {}), Math.max(1, nextMs - performance.now()));
    if (this.isSettled) this.tell(undefined);
  }
}
