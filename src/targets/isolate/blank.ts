import { Worker } from "node:worker_threads";
import type { AnyImage } from "../../image/image.ts";
import { confineText } from "../confine.ts";
import type { Blank, BlankSpec } from "../target.ts";
import type { GuestOptions, ToBlank } from "./guest-options.ts";

/**
 * What a worker runs first: it waits for what to boot, which may have been read in advance, and runs it in its own context with the
 * program's `require`. Small, since it is parsed at each start.
 */
const starter = `(() => {
"use strict";
const { parentPort } = require("node:worker_threads");
const { Script } = require("node:vm");
const { dirname } = require("node:path");
const { createRequire } = require("node:module");
for (const key of ["module", "require", "exports", "__filename", "__dirname"]) delete globalThis[key];
const post = parentPort.postMessage.bind(parentPort);
let read;
const scriptOf = ({ path, code, cachedData }) => new Script(code, { filename: path + ".mote", cachedData });
const start = (options) => {
  const { path, program, confinement } = options;
  const all = createRequire(path);
  const script = program === undefined ? read : scriptOf(program);
  const given = confinement === undefined ? all : ${confineText}(confinement, all, (message) => post(message));
  const image = { exports: {} };
  script.runInThisContext()(image, image.exports, given, path, dirname(path));
  globalThis.motesClose?.();
  image.exports.default(options, parentPort);
};
const hear = (message) => {
  if (message.type === "load") return void (read = scriptOf(message.program));
  parentPort.off("message", hear);
  start(message.options);
};
parentPort.on("message", hear);
post({ type: "blank" });
})();
`;

/** A worker thread that waits for the program of its VM. */
export class BlankIsolate implements Blank {
  readonly worker: Worker;
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;
  private image: AnyImage | undefined = undefined;

  constructor({ memoryMb, env }: BlankSpec, name: string) {
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
    this.ended = new Promise((resolve) => void worker.once("exit", () => resolve()));
    this.ready = new Promise((resolve, reject) => {
      worker.once("message", (message: unknown) => {
        if (isFromBlank(message)) resolve();
      });
      worker.once("error", reject);
      worker.once("exit", () => reject(new Error("a worker thread ended before it was used")));
    });
    // Whoever boots at once does not wait for it, and hears of its end as of any other's.
    this.ready.catch(() => {});
  }

  load(image: AnyImage): void {
    this.image = image;
    this.tell({ type: "load", program: programOf(image) });
  }

  /** What it boots. From here on it is the VM's. */
  start(image: AnyImage, options: Omit<GuestOptions, "program">): Worker {
    const program = image === this.image ? undefined : programOf(image);
    this.tell({ type: "start", options: { ...options, program } });
    return this.worker;
  }

  async close(): Promise<void> {
    void this.worker.terminate();
    await this.ended;
  }

  private tell(message: ToBlank): void {
    this.worker.postMessage(message);
  }
}

/** It says that it is there; this is for nobody else. */
export const isFromBlank = (message: unknown): boolean =>
  typeof message === "object" && message !== null && "type" in message && message.type === "blank";

const programOf = ({ path, code, cachedData }: AnyImage): NonNullable<GuestOptions["program"]> => ({
  path,
  code,
  cachedData,
});
