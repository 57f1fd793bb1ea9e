import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { availableParallelism } from "node:os";
import { build } from "esbuild";
import type { AnyImage } from "../../image/image.ts";
import { Origins } from "../../image/origins.ts";
import { portable } from "../../image/portable.ts";
import type { HeapCommons, Kept } from "../heap-commons.ts";
import type { Isolation } from "./isolation.ts";
import { compileQuickjs } from "./compile-quickjs.ts";
import type { WorkerOptions } from "./protocol.ts";
import { WasmWorker } from "./wasm-worker.ts";

const here = fileURLToPath(import.meta.url);

/** An image as its workers know it. */
export interface KnownImage {
  readonly code: string;
  readonly origins: Origins;
  readonly image: number;
  readonly path: string;
}

/** The worker's half of all VMs, and where its packages are found. */
export type Equipment = Pick<WorkerOptions, "from" | "code" | "quickjs">;

/** Longest turn of one VM before it is ended, in ms: as long, its neighbours wait. */
const turnLimitMs = 10_000;

/**
 * What the VMs of one host share beside their memory: the worker threads they live in, and images bundled for them. A worker is
 * started when all others of its kind have VMs, up to one a core.
 */
export class Pool implements Kept {
  private readonly commons: HeapCommons;
  private readonly workers: WasmWorker[] = [];
  private readonly images = new Map<AnyImage, Promise<KnownImage>>();
  private readonly equipped = new Map<Isolation, Promise<Equipment>>();
  private closed = false;

  constructor(commons: HeapCommons) {
    this.commons = commons;
  }

  close(): void {
    this.closed = true;
    for (const worker of this.workers.splice(0)) worker.stop();
  }

  image(image: AnyImage): Promise<KnownImage> {
    let known = this.images.get(image);
    if (known === undefined) {
      const number = this.images.size;
      const { path } = image;
      known = Promise.resolve(image.portable ?? portable(image)).then(({ code, sourceMap }) => ({
        image: number,
        path,
        code,
        origins: new Origins(sourceMap),
      }));
      this.images.set(image, known);
    }
    return known;
  }

  /** What `worker` needs. */
  equipment(isolation: Isolation): Promise<Equipment> {
    let equipped = this.equipped.get(isolation);
    if (equipped === undefined) {
      const made = Promise.all([workerCode(), compileQuickjs({ anyMemory: isolation === "wasm-instance" })]);
      equipped = made.then(([code, quickjs]) => ({ from: here, code, quickjs }));
      this.equipped.set(isolation, equipped);
    }
    return equipped;
  }

  /** The worker for the next VM: an empty one, a new one, or the one with the fewest. */
  worker(equipment: Equipment, isolation: Isolation): WasmWorker {
    const sound = this.workers.filter((worker) => worker.isolation === isolation && !worker.spoiled);
    const [least] = sound.toSorted((a, b) => a.size - b.size);
    if (least !== undefined && (least.size === 0 || sound.length >= availableParallelism())) return least;
    const worker = new WasmWorker(
      {
        ...equipment,
        isolation,
        // Sound: it is on the heap.
        board: this.commons.board.memory as SharedArrayBuffer,
        slots: new SharedArrayBuffer(this.commons.places * Int32Array.BYTES_PER_ELEMENT),
        turnLimitMs,
      },
      () => this.forget(worker),
    );
    if (this.closed) worker.stop();
    else this.workers.push(worker);
    return worker;
  }

  private forget(worker: WasmWorker): void {
    const index = this.workers.indexOf(worker);
    if (index >= 0) this.workers.splice(index, 1);
  }
}

/** The worker's half in one script: from source or compiled, a thread runs it without a loader. */
async function workerCode(): Promise<string> {
  const { outputFiles } = await build({
    stdin: {
      contents: `import { serve } from ${JSON.stringify(join(dirname(here), `worker${extname(here)}`))}; serve();`,
      resolveDir: dirname(here),
      sourcefile: "motes:worker",
      loader: "js",
    },
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["quickjs-emscripten-core", "@jitl/*", "koffi"],
    // `import()` in it would look for packages from where the host was started, `require` looks from where motes lies.
    supported: { "dynamic-import": false },
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}
