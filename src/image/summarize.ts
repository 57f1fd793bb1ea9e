/**
 * Loads a program to hear what it says of itself: name, unikernels, devices. It is loaded in a thread that has no environment and is
 * ended at once; none of its actors start.
 */
import { Worker } from "node:worker_threads";
import { isDevice } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import type { Summary } from "../targets/summary.ts";
import type { Compiled } from "./compile.ts";
import { isNeeds } from "./manifest.ts";

const loadTimeoutMs = 10_000;

const starter = `
const { parentPort, workerData } = require("node:worker_threads");
const { createRequire } = require("node:module");
const { dirname } = require("node:path");
const { runInThisContext } = require("node:vm");
const image = { exports: {} };
runInThisContext("(function (module, exports, require, __filename, __dirname) {" + workerData.code + "\\n})", { filename: workerData.path + ".mote" })(
  image, image.exports, createRequire(workerData.path), workerData.path, dirname(workerData.path));
const summary = image.exports.summary();
parentPort.postMessage(summary === undefined ? null : JSON.stringify(summary));
`;

/** Throws `IMAGE_THROWS`, `IMAGE_NOT_UNIKERNEL`. */
export async function summarize({ code, path }: Compiled, file: string): Promise<Summary> {
  const worker = new Worker(starter, {
    eval: true,
    workerData: { code, path },
    env: {},
    execArgv: [],
    stdout: true,
    stderr: true,
  });
  const throws = (message: string): Error => srcError("IMAGE_THROWS", { path: file, message });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Summary>((resolve, reject) => {
      timer = setTimeout(() => reject(throws(`it was not loaded within ${loadTimeoutMs} ms`)), loadTimeoutMs);
      worker.once("message", (message: unknown) => {
        const summary = asSummary(message);
        if (summary === undefined)
          reject(srcError("IMAGE_NOT_UNIKERNEL", { path: file, got: "something else" }));
        else resolve(summary);
      });
      worker.once("error", (error: unknown) =>
        reject(throws(error instanceof Error ? error.message : String(error))),
      );
      worker.once("exit", (status) => reject(throws(`it called process.exit(${status})`)));
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}

/** The program could have posted anything. */
function asSummary(message: unknown): Summary | undefined {
  if (typeof message !== "string") return undefined;
  const { entry, entries, devices, needs } = JSON.parse(message) as Readonly<Record<string, unknown>>;
  if (typeof entry !== "string" || !Array.isArray(entries) || !Array.isArray(devices)) return undefined;
  if (!isNeeds(needs)) return undefined;
  return { entry, entries: entries.map(String), devices: devices.filter(isDevice), needs };
}
