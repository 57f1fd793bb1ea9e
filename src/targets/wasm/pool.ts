import { availableParallelism } from "node:os";
import type { AnyImage } from "../../image/image.ts";
import type { Origins } from "../../image/origins.ts";
import type { HeapCommons, Kept } from "../heap-commons.ts";
import type { Isolation } from "./isolation.ts";
import type { Equipment, Supplies } from "./supplies.ts";
import { WasmWorker } from "./wasm-worker.ts";

/** An image as its workers know it. */
export interface KnownImage {
  readonly code: string;
  readonly origins: Origins;
  readonly image: number;
  readonly path: string;
}

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
  private closed = false;

  constructor(commons: HeapCommons) {
    this.commons = commons;
  }

  close(): void {
    this.closed = true;
    for (const worker of this.workers.splice(0)) worker.stop();
  }

  image(image: AnyImage, supplies: Supplies): Promise<KnownImage> {
    let known = this.images.get(image);
    if (known === undefined) {
      const number = this.images.size;
      const { path } = image;
      known = supplies.bundle(image).then(({ code, origins }) => ({ image: number, path, code, origins }));
      this.images.set(image, known);
    }
    return known;
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
