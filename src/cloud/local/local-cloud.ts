/**
 * A cloud on this machine alone: the controller, the agent and the store that many hosts have between them, in one process, with timers
 * around them. Owns its VMs and its timers; nothing of it is left after `close`.
 */
import type { Host } from "../../host/host.ts";
import { scaled } from "../cloud.ts";
import { Controller } from "../controller.ts";
import type { Cloud } from "../declaration.ts";
import type { CloudEvent } from "../event.ts";
import { HostAgent } from "../host-agent.ts";
import { MemoryStore } from "../memory-store.ts";
import { type CloudRecord, defaultTimes, keys } from "../records.ts";
import { type CloudStatus, statusOf } from "../status.ts";
import { LocalHost, type LocalHostOptions } from "./local-host.ts";
import { Programs } from "./programs.ts";

export interface LocalCloudOptions extends LocalHostOptions {
  readonly host: Host;
  readonly onEvent?: (event: CloudEvent) => void;
}

/** Events that are remembered. */
const eventsMax = 1000;

export class LocalCloud {
  /** The last ones. */
  readonly events: CloudEvent[] = [];
  private readonly store = new MemoryStore((work) => queueMicrotask(work));
  private readonly programs = new Programs();
  private readonly agent: HostAgent;
  private readonly controller: Controller;
  private readonly listeners = new Set<(event: CloudEvent | undefined) => void>();
  private current: { readonly cloud: Cloud; readonly revision: number } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  private closed = false;

  constructor({ host, onEvent = () => {}, ...options }: LocalCloudOptions) {
    const local = new LocalHost(host, this.programs, options);
    const given = { store: this.store, times: defaultTimes, now: () => performance.now() };
    this.agent = new HostAgent(local, given);
    local.events = {
      started: (vm) => this.awake(() => this.agent.started(vm)),
      ended: (vm, reason) => this.awake(() => this.agent.ended(vm, reason)),
    };
    this.controller = new Controller({
      ...given,
      name: local.info.name,
      onEvent: (event) => {
        this.remember(event);
        onEvent(event);
      },
    });
    this.store.watch(
      keys.cloud,
      // Sound: as the key says.
      ({ value, revision }) => this.hear((value as CloudRecord).cloud, revision),
      () => {},
    );
    // Whatever is heard of is written before by somebody here.
    for (const of of [keys.leader, keys.host(""), keys.assignment(""), keys.report("")])
      this.store.watch(
        of,
        () => this.awake(() => {}),
        () => {},
      );
    this.awake(() => {});
  }

  /** As it is to be. Programs are found from the folder. Throws what bundling them throws. */
  async declare(cloud: Cloud, folder: string): Promise<void> {
    this.write(await this.programs.prepare(cloud, folder));
  }

  /** Throws `CLOUD_OPTION`, `CLOUD_BUDGET`. */
  scale(role: string, count: number): void {
    if (this.current !== undefined) this.write(scaled(this.current.cloud, role, count));
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
    this.agent.close();
    this.controller.close();
    this.tell(undefined);
  }

  /** What was declared last is known to the leader, and true. */
  private get isSettled(): boolean {
    const planner = this.controller.leader?.planner;
    return planner?.cloud === this.current?.cloud && planner?.isConverged === true;
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

  private write(cloud: Cloud): void {
    const outcome = this.store.write(keys.cloud, { cloud }, this.current?.revision ?? 0);
    if (outcome.type === "stored") this.hear(cloud, outcome.revision);
  }

  private hear(cloud: Cloud, revision: number): void {
    this.current = { cloud, revision };
    this.awake(() => {});
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
