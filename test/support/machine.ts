import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "vitest";
import { motes, type Ran, type Running } from "./motes.ts";

/**
 * A machine, as far as `motes ...` can tell: for each test a folder of its own, where hosts find each other. After the test all that
 * was started has ended, the last one first, and the folder is gone.
 */
export class Machine {
  folder = "";
  private readonly running: Running[] = [];

  constructor() {
    beforeEach(() => {
      this.folder = mkdtempSync(join(tmpdir(), "motes-machine-"));
    });
    afterEach(async () => {
      for (const each of this.running.splice(0).toReversed()) {
        each.interrupt();
        await each.ended;
      }
      rmSync(this.folder, { recursive: true });
    });
  }

  start(...args: readonly string[]): Running {
    const started = motes(args, { MOTES_RUNTIME_DIR: this.folder });
    this.running.push(started);
    return started;
  }

  async run(...args: readonly string[]): Promise<Ran> {
    return motes(args, { MOTES_RUNTIME_DIR: this.folder }).ended;
  }
}
