/** Finds out whether this machine can run VMs as processes: koffi's native part, and a file system in memory. */
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { srcError } from "../../errors.ts";
import { type Koffi, type Native, nativeBy } from "./native.ts";
import { shmRoot } from "./shm-folder.ts";

export interface LoadedNative {
  readonly native: Native;
  /** koffi's native part: a child loads it by itself, which takes a quarter of the time that the whole package does. */
  readonly addonPath: string;
}

/** Throws `TARGET_UNAVAILABLE` with what is missing. `load` is for tests. */
export function loadNative(
  load: NodeJS.Require = createRequire(import.meta.url),
  root: string = shmRoot,
): LoadedNative {
  if (!existsSync(root)) {
    throw unavailable(
      `there is no ${root}`,
      `It needs Linux with a file system in memory: mount -t tmpfs tmpfs ${root}`,
    );
  }
  try {
    // Sound: koffi's package says so, and `nativeBy` fails at once if it is not true.
    const koffi = load("koffi") as Koffi;
    const native = nativeBy(koffi);
    const addonPath = Object.keys(load.cache).find((path) => path.endsWith("koffi.node"));
    if (addonPath === undefined) throw new Error("it has no native part of its own");
    return { native, addonPath };
  } catch (problem) {
    const why = problem instanceof Error ? (problem.message.split("\n")[0] ?? "") : String(problem);
    throw unavailable(
      `koffi cannot be loaded: ${why}`,
      "Install it with its native part for this machine: npm install koffi",
    );
  }
}

const unavailable = (why: string, advice: string): Error =>
  srcError("TARGET_UNAVAILABLE", { target: "process", why, advice });
