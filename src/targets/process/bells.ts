import { join } from "node:path";
import type { Native } from "./native.ts";
import { PipeBell, type PipeCalls, type Waiting } from "./pipe-bell.ts";

/**
 * One process's bells of all the places on a board. Each is a named pipe in the host's folder, made by the host before the first VM
 * has that place, and there until the host stops: whoever has opened it may keep it for the place's next VM.
 */
export class Bells {
  private readonly native: Native;
  private readonly folder: string;
  private readonly waiting: Waiting;
  private readonly calls: PipeCalls;
  private readonly made = new Set<number>();
  private readonly open = new Map<number, { readonly bell: PipeBell; readonly fd: number }>();

  constructor(native: Native, folder: string, waiting: Waiting, calls: PipeCalls) {
    this.native = native;
    this.calls = calls;
    this.waiting = waiting;
    this.folder = folder;
  }

  /** The host: makes the pipe of a place, at its first use. */
  make(place: number): void {
    if (this.made.has(place)) return;
    this.native.makeFifo(this.path(place));
    this.made.add(place);
  }

  at(words: Int32Array, index: number, place: number): PipeBell {
    const known = this.open.get(place);
    if (known !== undefined) return known.bell;
    const fd = this.native.open(this.path(place));
    const bell = new PipeBell(words, index, fd, this.waiting, this.calls);
    this.open.set(place, { bell, fd });
    return bell;
  }

  close(): void {
    for (const { bell, fd } of this.open.values()) if (!bell.close()) this.native.close(fd);
    this.open.clear();
  }

  private path(place: number): string {
    return join(this.folder, `bell-${place}`);
  }
}
