import {
  addressOf,
  type Address,
  type BootOptions,
  type Call,
  type Cell,
  type Handed,
  type Probe,
  type Ref,
} from "../../kernel/index.ts";
import { Signal } from "./tasks.ts";

/** What one VM of a service runs. */
export interface Program {
  /** The name of a unikernel. */
  readonly entry: string;
  readonly options: BootOptions;
}

/** What a root answers to the service in front of it (`reserved`), beside its own protocol. */
export type RootProtocol =
  | Call<"$probe", readonly [], Probe>
  | Call<"$handoff", readonly [again: boolean], Handed>
  | Call<"$adopt", readonly [data: unknown, fromVersion: number], Handed>;

/** One VM behind a service, from its boot to its end: what it runs, where it is, and what was passed on to it. */
export class Backend {
  readonly program: Program;
  /** Its root. */
  readonly ref: Ref<RootProtocol>;
  readonly address: Address;
  readonly vm: number;
  /** Its number among the VMs of the service: that of the one it took the place of. Keys belong to places. */
  readonly place: number;
  /** Under which the service's bond with it stands. */
  readonly key: string;
  /** What it said of itself when it was well; undefined: it is of a kind that does not. */
  probe: Probe | undefined = undefined;
  /** Calls that it has not answered yet. */
  outstanding = 0;
  /** Calls that it will not answer any more. */
  failed = 0;
  /** Of calls that were timed, since somebody last looked. */
  timedMs = 0;
  timedCalls = 0;
  /** Messages of any kind. */
  passed = 0;
  /** Nothing is sent to it for now: what was sent has not left this VM yet. */
  congested = false;
  servesSinceMs = 0;
  /** It is being replaced: whoever does that sees to its end. */
  exchanging = false;
  /** It was asked to end. */
  asked = false;
  gone = false;
  /** It was found dead while it served, before its end was heard of. */
  fell = false;
  private readonly waiting: Signal[] = [];

  constructor(program: Program, ref: Ref<never>, vm: number, place: number) {
    this.program = program;
    // Sound: who asks it first looks whether its kind of root answers.
    this.ref = ref as Ref<RootProtocol>;
    this.address = addressOf(ref);
    this.vm = vm;
    this.place = place;
    this.key = ref.toString();
  }

  /** As far as this VM has heard. */
  isLive({ bonds }: Cell): boolean {
    return !this.address.home.lost && bonds?.links.has(this.key) === true;
  }

  /** One call has taken so long. */
  timed(durationMs: number): void {
    this.timedMs += durationMs;
    this.timedCalls++;
  }

  /** One call less that it has not answered. */
  settled(failed: boolean): void {
    this.outstanding--;
    if (failed) this.failed++;
    if (this.outstanding === 0) this.tell();
  }

  ended(): void {
    this.gone = true;
    this.tell();
  }

  /** Fires when it has answered all calls, or is gone. */
  change(cell: Cell, timeoutMs: number): Signal {
    const signal = new Signal(cell, timeoutMs);
    this.waiting.push(signal);
    return signal;
  }

  private tell(): void {
    for (const signal of this.waiting.splice(0)) signal.fire();
  }
}
