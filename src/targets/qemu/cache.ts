/**
 * Files that are made once on a machine and kept: kernel, root file system, templates, by a name that says what they were made
 * from. Whoever makes one makes it under another name first, so that what has its name is whole, and two may do it at once.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, readdir, rename, rm, stat, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";

const keptMs = 3 * 24 * 60 * 60 * 1000;

export class Cache {
  readonly folder: string;
  private readonly making = new Map<string, Promise<string>>();

  /** `MOTES_CACHE`, or the user's own cache. */
  static get place(): string {
    const { MOTES_CACHE: given, XDG_CACHE_HOME: users } = process.env;
    return given ?? join(users ?? join(homedir(), ".cache"), "motes");
  }

  constructor(folder: string = join(Cache.place, "qemu")) {
    this.folder = folder;
  }

  /** The path of what has this name; `make` writes it to the path that it is given, if it is not there yet. */
  get(name: string, make: (path: string) => Promise<void>): Promise<string> {
    const known = this.making.get(name);
    if (known !== undefined) return known;
    const made = this.find(name, make).finally(() => this.making.delete(name));
    this.making.set(name, made);
    return made;
  }

  /** What has been made for the same end from other things, and not been asked for in days, is not kept. */
  private async sweep(name: string): Promise<void> {
    const kind = name.slice(0, name.lastIndexOf("-") + 1);
    const oldest = Date.now() - keptMs;
    for (const each of await readdir(this.folder).catch(() => [])) {
      const path = join(this.folder, each);
      if (!each.startsWith(kind) && !each.startsWith("new-")) continue;
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
      if (mtimeMs < oldest) await rm(path, { recursive: true, force: true });
    }
  }

  private async find(name: string, make: (path: string) => Promise<void>): Promise<string> {
    const path = join(this.folder, name);
    if (await isUsed(path)) return path;
    await this.sweep(name);
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const room = await mkdtemp(join(this.folder, "new-"));
    try {
      const fresh = join(room, name);
      await make(fresh);
      await rename(fresh, path).catch(async (problem: unknown) => {
        // Another process was faster: a folder is not replaced.
        if (!(await isUsed(path))) throw problem;
      });
      return path;
    } finally {
      await rm(room, { recursive: true, force: true });
    }
  }
}

/** Whether it is there; its time says from now on that it is still wanted. */
async function isUsed(path: string): Promise<boolean> {
  const now = new Date();
  return utimes(path, now, now).then(
    () => true,
    () => false,
  );
}

/** A name for what is made from these, in 16 characters. */
export const digestOf = (...parts: readonly string[]): string =>
  createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);

/** Of what a file holds, wherever it lies: two installations of the same are the same. */
export const digestOfFile = (path: string): string => digestOf(readFileSync(path, "latin1"));

/** Says whether a file is still the same one, without reading it. */
export function stampOf(path: string): string {
  const { size, mtimeMs, ino } = statSync(path);
  return `${path} ${size} ${mtimeMs} ${ino}`;
}
