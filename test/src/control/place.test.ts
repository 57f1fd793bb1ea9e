import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { controlFolder, makeSocketPath, socketPaths } from "../../../src/control/place.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "motes-control-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const refused = expect.objectContaining({ code: "CONTROL_FOLDER" }) as Error;

describe("control: its folder", () => {
  test("control: the folder is the one given, the user's runtime folder, or one of his own below the temporary one", () => {
    expect(controlFolder({ MOTES_RUNTIME_DIR: "/a", XDG_RUNTIME_DIR: "/b" })).toBe("/a");
    expect(controlFolder({ XDG_RUNTIME_DIR: "/b" })).toBe("/b/motes");
    expect(controlFolder({})).toMatch(/motes-\d+$/);
  });

  test("control: the folder is made for its owner alone", () => {
    const own = join(folder, "run", "motes");
    expect(makeSocketPath(own)).toBe(join(own, `${process.pid}.sock`));
    expect(statSync(own).mode & 0o777).toBe(0o700);
  });

  test("control: a folder that others may enter, or that is a link or a file, is refused", () => {
    const open = join(folder, "open");
    makeSocketPath(open);
    chmodSync(open, 0o755);
    expect(() => makeSocketPath(open)).toThrow(refused);
    const own = join(folder, "own");
    makeSocketPath(own);
    const link = join(folder, "link");
    symlinkSync(own, link);
    expect(() => makeSocketPath(link)).toThrow(refused);
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(() => makeSocketPath(file)).toThrow(refused);
  });

  test("control: sockets of processes that are gone are swept, and other files left alone", () => {
    expect(socketPaths(join(folder, "never"))).toEqual([]);
    // Above what Linux gives out.
    const dead = join(folder, "99999999.sock");
    const own = join(folder, `${process.pid}.sock`);
    const other = join(folder, "notes.txt");
    for (const path of [dead, own, other]) writeFileSync(path, "");
    expect(socketPaths(folder)).toEqual([{ pid: process.pid, path: own }]);
    expect([dead, own, other].map((path) => existsSync(path))).toEqual([false, true, true]);
  });
});
