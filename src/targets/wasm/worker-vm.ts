import type { ExitReason } from "../../../kernel/index.ts";
import type { Board } from "../board.ts";
import type { Bell } from "../doorbell.ts";
import type { ToHost } from "../protocol.ts";
import type { Answers, Machine, MachineImage, MakeMachine, Stopped } from "./machine.ts";
import type { WasmVmSpec } from "./protocol.ts";
import type { Pulse } from "./pulse.ts";
import { type RecordBuffer, WorkerLines } from "./worker-lines.ts";

/** How long one VM runs before the others of its worker have their turn, in ms. */
const sliceMs = 2;

export interface WorkerVmOptions {
  readonly make: MakeMachine;
  readonly image: MachineImage;
  readonly spec: WasmVmSpec;
  readonly board: Board;
  readonly records: RecordBuffer;
  readonly pulse: Pulse;
  /** True once this VM is to end, or its turn took too long. */
  interrupted(startedAtMs: number): boolean;
  tell(message: ToHost): void;
  /** `spoiled`: what it held of the instance's memory is lost. */
  gone(reason: ExitReason | undefined, spoiled: boolean): void;
}

/** One VM in its worker: the event loop around its machine. Sleeps by its own bell and one timer. */
export class WorkerVm {
  readonly lines: WorkerLines;
  readonly place: number;
  private readonly options: WorkerVmOptions;
  private readonly bell: Bell;
  private readonly machine: Machine;
  private startedAtMs = 0;
  private inside = false;
  private held = false;
  private readonly unheard: string[] = [];
  private rung = false;
  private reason: ExitReason | undefined = undefined;
  private ending = false;
  private ended = false;
  private timer: NodeJS.Timeout | undefined = undefined;
  private immediate: NodeJS.Immediate | undefined = undefined;

  constructor(options: WorkerVmOptions) {
    const { make, image, spec, board } = options;
    const { vm, name, place, development } = spec;
    this.options = options;
    this.place = spec.place;
    this.bell = board.doorbell(spec.place);
    this.lines = new WorkerLines(board, spec.place, options.records);
    this.lines.open(spec.hostRing, "b", 0);
    this.machine = make({
      image,
      setup: JSON.stringify({ vm, name, place, cores: 0, development }),
      memoryMb: spec.memoryMb,
      interrupted: () => options.interrupted(this.startedAtMs),
      answers: this.answers(),
    });
  }

  /** Its program has been loaded. */
  loaded = false;

  load(): void {
    this.setBusy(true);
    this.enter(() => this.machine.load());
    this.loaded = !this.ended;
    this.run();
  }

  /** While it is held it is not entered, and what it is told waits. */
  hold(held: boolean): void {
    this.held = held;
    if (held) {
      clearTimeout(this.timer);
      return this.setBusy(false);
    }
    for (const json of this.unheard.splice(0)) this.hear(json);
    this.soon();
  }

  hear(json: string): void {
    if (this.held) return void this.unheard.push(json);
    this.setBusy(true);
    this.enter(() => this.machine.call("hear", json));
    this.soon();
  }

  /** Ends it now; `gone` follows. */
  end(reason: ExitReason | undefined): void {
    this.reason ??= reason;
    this.ending = true;
    if (this.inside) return;
    this.options.pulse.enter(this.options.spec.vm);
    this.dispose(false);
    this.options.pulse.leave();
  }

  private readonly run = (): void => {
    this.immediate = undefined;
    if (this.held) return;
    this.setBusy(true);
    clearTimeout(this.timer);
    this.timer = undefined;
    const startMs = performance.now();
    while (!this.ended) {
      // Before all else, as everywhere in JavaScript: a program that never runs out of them does not turn.
      if (this.enter(() => this.machine.jobs()) === true) {
        if (this.rung) {
          this.rung = false;
          this.enter(() => this.machine.call("rang"));
        }
        const next = this.enter(() => this.machine.call("step"));
        if (this.ended) return;
        if (next !== 0 && !this.machine.hasJobs) return this.sleep(next);
      }
      if (performance.now() - startMs >= sliceMs) return this.soon();
    }
  };

  private soon(): void {
    if (this.ended || this.held) return;
    this.setBusy(true);
    this.immediate ??= setImmediate(this.run);
  }

  private setBusy(on: boolean): void {
    this.options.board.setBusy(this.place, on);
  }

  private sleep(next: number | undefined): void {
    this.setBusy(false);
    if (next === undefined || next < 0) return;
    this.timer = setTimeout(this.run, Math.min(2 ** 31 - 1, Math.ceil(next)));
  }

  /** Into the machine. Undefined: it is of no more use, and this VM has ended. */
  private enter<T extends number | boolean | undefined>(call: () => T | Stopped): T | undefined {
    if (this.ended) return undefined;
    const { pulse, spec } = this.options;
    this.startedAtMs = performance.now();
    this.inside = true;
    pulse.enter(spec.vm);
    let result: T | Stopped;
    try {
      result = call();
    } finally {
      this.inside = false;
    }
    if (typeof result === "string" || typeof result === "object") this.fail(result);
    else if (this.ending) this.dispose(this.reason === "killed");
    pulse.leave();
    return this.ended || typeof result === "string" || typeof result === "object" ? undefined : result;
  }

  private fail(stopped: Stopped): void {
    if (stopped === "memory") this.exhausted();
    else if (stopped === "interrupted")
      this.reason ??= {
        type: "crash",
        name: "Watchdog",
        code: "VM_WEDGED",
        message: "one turn of the VM took too long",
      };
    // Sound: the machine wrote it.
    else this.reason ??= JSON.parse(stopped.thrown) as ExitReason;
    this.dispose(true);
  }

  private exhausted(): void {
    if (this.reason !== undefined) return;
    this.reason = "killed";
    const text = "out of memory: the VM reached its memory limit and was killed";
    this.options.tell({ type: "log", line: { level: "error", text } });
  }

  /** `torn`: it was cut off in the middle of something. */
  private dispose(torn: boolean): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.timer);
    if (this.immediate !== undefined) clearImmediate(this.immediate);
    const freed = this.machine.dispose(torn);
    // So that a wait that was left behind does not outlive the VM.
    this.bell.ring();
    this.options.gone(this.reason, !freed);
  }

  /** It ends as soon as its turn does. */
  private last(): void {
    this.ending = true;
    this.lines.silence();
  }

  private readonly woken = (): void => {
    this.rung = true;
    this.soon();
  };

  private told(json: string): void {
    // The guest's own word: `asToHost` looks at it in the host.
    const message = JSON.parse(json) as ToHost;
    this.options.tell(message);
    if (message.type === "log" && isExhausted((message.line.details as Details | undefined)?.crash)) {
      this.exhausted();
      this.last();
    }
  }

  private answers(): Answers {
    const { lines, bell } = this;
    const { board, spec } = this.options;
    const { place } = spec;
    return {
      now: () => performance.now(),
      timeOfDay: () => Date.now(),
      random: () => Math.random(),
      tell: (json) => this.told(json),
      turned: () => board.turned(place),
      setAwake: (on) => board.setAwake(place, on),
      arm: () => bell.arm(),
      wait: () => bell.wait(this.woken),
      ring: (at) => (at === place ? bell.ring() : lines.ring(at)),
      write: (line, record) => lines.write(line, record),
      read: (line) => lines.read(line),
      publish: (line) => lines.publish(line),
      waiting: (line) => lines.waiting(line),
      prepareSleep: (line, bytes) => lines.prepareSleep(line, bytes),
      awake: (line) => lines.awake(line),
      close: (line) => lines.close(line),
      maxRecordBytes: (line) => lines.maxRecordBytes(line),
      toBytes: (text) => Buffer.from(text, "latin1"),
      toText: (bytes) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1"),
      problem: (line) => lines.problem(line),
      exit: (reason) => {
        // Its own word too: the host takes it for what it says.
        const why = JSON.parse(reason) as ExitReason;
        if (isExhausted(why)) this.exhausted();
        this.reason ??= why;
        this.last();
      },
    };
  }
}

interface Details {
  readonly crash?: unknown;
}

/**
 * Something in it has found no memory: QuickJS lets a program catch that, and the limit is the VM's. Where there is no memory for the error's text
 * either, that is empty; where there is none for the error, QuickJS throws null.
 */
function isExhausted(crash: unknown): boolean {
  const { name, message } = (crash ?? {}) as { readonly name?: unknown; readonly message?: unknown };
  if (name === "InternalError") return message === "out of memory" || message === "";
  return name === "thrown" && message === "null";
}
