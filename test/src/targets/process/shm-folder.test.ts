import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { makeShmFolder, sweepShm } from "../../../../src/targets/process/shm-folder.ts";

const root = mkdtempSync(join(tmpdir(), "shm-"));
afterEach(() => {
  for (const name of readdirSync(root)) rmSync(join(root, name), { recursive: true });
});

/** The name of one of ours, with other parts in it. */
const renamed = (folder: string, change: (parts: string[]) => void): string => {
  const parts = basename(folder).split("-");
  change(parts);
  const path = join(root, parts.join("-"));
  renameSync(folder, path);
  return path;
};

describe("shm-folder", () => {
  test("shm-folder: the living keep theirs, and it is for their user only", () => {
    const folder = makeShmFolder(root);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(sweepShm(root)).toBe(0);
    expect(existsSync(folder)).toBe(true);
  });

  test("shm-folder: that of a dead process goes with all that is in it", () => {
    const { pid } = spawnSync(process.execPath, ["-e", "0"]);
    const dead = renamed(makeShmFolder(root), (parts) => (parts[2] = String(pid)));
    writeFileSync(join(dead, "ring-1"), "x");
    const alive = makeShmFolder(root);
    expect(sweepShm(root)).toBe(1);
    expect(readdirSync(root)).toEqual([basename(alive)]);
  });

  test("shm-folder: a process number that was given away again is not taken for the dead one", () => {
    renamed(makeShmFolder(root), (parts) => (parts[3] = String(Number(parts[3]) - 1)));
    expect(sweepShm(root)).toBe(1);
  });

  test("shm-folder: those of other namespaces, and what is not ours, stay", () => {
    renamed(makeShmFolder(root), (parts) => {
      parts[1] = "1";
      parts[2] = "999999999";
    });
    for (const name of ["motes", "motes-1-2-x", "other-1-2-3-abc"]) mkdirSync(join(root, name));
    expect(sweepShm(root)).toBe(0);
    expect(readdirSync(root)).toHaveLength(4);
  });
});
