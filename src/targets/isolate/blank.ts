import { Worker } from "node:worker_threads";
import type { AnyImage } from "../../image/image.ts";
import { BlankWords } from "../blank-words.ts";
import { confinementOf, confineText } from "../confine.ts";
import type { Blank, BlankSpec, Program } from "../target.ts";
import type { GuestOptions, GuestProgram, Script, ToBlank } from "./guest-options.ts";

/**
 * What a worker runs first: it waits for what to boot, which may have been read in advance, and runs it in its own context with the
 * program's `require`. One that is primed sleeps in the middle of that, between the program's top level and the start of the VM, in the
 * one way in which nothing else of its thread runs. Small, since it is parsed at each start.
 */
const starter = `(() => {
"use strict";
const { parentPort, receiveMessageOnPort } = require("node:worker_threads");
const { Script } = require("node:vm");
const { dirname } = require("node:path");
const { createRequire } = require("node:module");
const { wait } = Atomics;
for (const key of ["module", "require", "exports", "__filename", "__dirname"]) delete globalThis[key];
const post = parentPort.postMessage.bind(parentPort);
let read;
const scriptOf = ({ path, code, cachedData }) => {
  const script = new Script(code, { filename: path + ".mote", cachedData });
  if (script.cachedDataRejected) post({ type: "uncompiled" });
  return script;
};
const evaluate = ({ path, script, confinement }) => {
  const all = createRequire(path);
  const compiled = script === undefined ? read : scriptOf(script);
  const given = confinement === undefined ? all : ${confineText}(confinement, all, (message) => post(message));
  const image = { exports: {} };
  compiled.runInThisContext()(image, image.exports, given, path, dirname(path));
  globalThis.motesClose?.();
  return image.exports;
};
const hear = (message) => {
  if (message.type === "load") return void (read = scriptOf(message.script));
  parentPort.off("message", hear);
  const image = evaluate(message.program);
  let { options } = message;
  if (message.type === "prime") {
    image.rehearse?.();
    post({ type: "primed" });
    wait(message.gate, 0, 0);
    ({ options } = receiveMessageOnPort(parentPort).message);
  }
  image.default(options, parentPort);
};
parentPort.on("message", hear);
post({ type: "blank" });
})();
`;

/** What V8 has to end a thread, in ms: in a function of the language it does not look whether it is to. */
const endsWithinMs = 5000;

/** Of what one that is primed tells its host, ahead of the boot. */
const earlyMax = 100;

/** A worker thread that waits for the program of its VM, or, with the top level of that one done, for the boot. */
export class BlankIsolate implements Blank {
  readonly worker: Worker;
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  readonly words: BlankWords;
  /** What it has told its host: for the VM that it becomes. */
  readonly early: unknown[] = [];
  private readonly program: Program | undefined;
  private readonly gate = new Int32Array(new SharedArrayBuffer(4));
  private image: AnyImage | undefined = undefined;
  private abandon: () => void = () => {};

  constructor({ memoryMb, env, program }: BlankSpec, name: string) {
    this.program = program;
    this.words = new BlankWords(program !== undefined);
    this.worker = new Worker(starter, {
      eval: true,
      name: `motes ${name}`,
      stdout: true,
      stderr: true,
      // The host's own flags (a test runner's loader, say) are not the VM's.
      execArgv: [],
      ...(env ? {} : { env: {} }),
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    const { worker } = this;
    this.ended = new Promise((resolve) => {
      this.abandon = resolve;
      worker.once("exit", () => resolve());
    });
    this.ready = new Promise((resolve, reject) => {
      worker.on("message", (message: unknown) => {
        if (!this.words.take(message, resolve) && this.early.push(message) > earlyMax)
          void worker.terminate();
      });
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("a worker thread ended before it was used")));
    });
    // Whoever boots at once does not wait for it, and hears of its end as of any other's.
    this.ready.catch(() => {});
    if (program !== undefined)
      this.tell({ type: "prime", program: programOf(program, scriptOf(program.image)), gate: this.gate });
  }

  load(image: AnyImage): void {
    this.image = image;
    this.tell({ type: "load", script: scriptOf(image) });
  }

  /** What it boots; one that is primed has the program already. From here on it is the VM's. */
  start(program: Program, options: GuestOptions): Worker {
    this.worker.removeAllListeners("message");
    const script = program.image === this.image ? undefined : scriptOf(program.image);
    const told = this.program === undefined ? programOf(program, script) : undefined;
    this.tell({ type: "boot", program: told, options });
    Atomics.store(this.gate, 0, 1);
    Atomics.notify(this.gate, 0);
    return this.worker;
  }

  /** Ends it, whatever it does. `abandoned` is called where V8 cannot: its thread computes on, and nobody waits for it. */
  end(abandoned: () => void = () => {}): void {
    const { worker } = this;
    void worker.terminate();
    const giveUp = (): void => {
      worker.unref();
      abandoned();
      this.abandon();
    };
    let immediate: NodeJS.Immediate | undefined;
    // Its end may be heard by now, if it was this thread that had no time.
    const timer = setTimeout(() => (immediate = setImmediate(giveUp)), endsWithinMs);
    worker.once("exit", () => {
      clearTimeout(timer);
      clearImmediate(immediate);
    });
  }

  async close(): Promise<void> {
    this.end();
    await this.ended;
  }

  private tell(message: ToBlank): void {
    this.worker.postMessage(message);
  }
}

const scriptOf = ({ path, code, cachedData }: AnyImage): Script => ({ path, code, cachedData });

const programOf = ({ image, devices }: Program, script: Script | undefined): GuestProgram => ({
  path: image.path,
  script,
  confinement: devices === undefined ? undefined : confinementOf(devices),
});
