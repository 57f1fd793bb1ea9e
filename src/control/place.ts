import { lstatSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { srcError } from "../errors.ts";

/** Where the hosts of this user on this machine can be asked: a folder of sockets, which nobody else may enter. */
export const controlFolder = (env: NodeJS.ProcessEnv): string =>
  env["MOTES_RUNTIME_DIR"] ??
  (env["XDG_RUNTIME_DIR"] === undefined
    ? join(tmpdir(), `motes-${userInfo().uid}`)
    : join(env["XDG_RUNTIME_DIR"], "motes"));

/** The path of this process's socket, in a folder that is this user's own. Throws `CONTROL_FOLDER`. */
export function makeSocketPath(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(folder);
    if (uid !== userInfo().uid || (mode & 0o077) !== 0)
      throw srcError("CONTROL_FOLDER", {
        folder,
        why: "others than its owner may enter it, or it is not yours",
      });
  } catch (problem) {
    if (problem instanceof Error && "code" in problem && problem.code === "CONTROL_FOLDER") throw problem;
    throw srcError("CONTROL_FOLDER", { folder, why: String(problem) }, problem);
  }
  const path = join(folder, `${process.pid}.sock`);
  // Left by a process of this number that was killed.
  rmSync(path, { force: true });
  return path;
}

/** The sockets of hosts that run. Those of hosts that were killed go. */
export function socketPaths(folder: string): readonly { readonly pid: number; readonly path: string }[] {
  let names: readonly string[];
  try {
    names = readdirSync(folder);
  } catch {
    // No host was ever started here.
    return [];
  }
  const found = names.flatMap((name) => {
    const pid = Number(/^(\d+)\.sock$/.exec(name)?.[1]);
    return pid > 0 ? [{ pid, path: join(folder, name) }] : [];
  });
  const running = found.filter(({ pid }) => isRunning(pid));
  for (const { path } of found.filter((each) => !running.includes(each))) rmSync(path, { force: true });
  return running.toSorted((a, b) => a.pid - b.pid);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
