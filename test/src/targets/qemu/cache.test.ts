import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Cache, digestOf, digestOfFile, stampOf } from "../../../../src/targets/qemu/cache.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "motes-cache-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test("cache: what is asked for is made once, also if two ask at once", async () => {
  const cache = new Cache(join(root, "deep", "below"));
  let made = 0;
  const make = async (path: string): Promise<void> => {
    made++;
    await writeFile(path, "made");
  };
  const paths = await Promise.all([cache.get("a", make), cache.get("a", make)]);
  expect(paths).toEqual([join(cache.folder, "a"), join(cache.folder, "a")]);
  await cache.get("a", make);
  expect(made).toBe(1);
  expect(await readFile(paths[0] ?? "", "utf8")).toBe("made");
});

test("cache: what could not be made whole is not there, and leaves nothing", async () => {
  const cache = new Cache(root);
  const broken = cache.get("a", async (path) => {
    await writeFile(path, "half");
    throw new Error("no more room");
  });
  await expect(broken).rejects.toThrow("no more room");
  expect(readdirSync(root)).toEqual([]);
});

test("cache: two processes may make the same, files or folders", async () => {
  const first = new Cache(root);
  const second = new Cache(root);
  const folder = async (path: string): Promise<void> => {
    await mkdir(path);
    await writeFile(join(path, "inside"), "");
  };
  await Promise.all([first.get("folder", folder), second.get("folder", folder)]);
  expect(readdirSync(root)).toEqual(["folder"]);
  expect(existsSync(join(root, "folder", "inside"))).toBe(true);
});

test("cache: what was made for the same end, and has not been used for days, goes when something new is made", async () => {
  const cache = new Cache(root);
  const make = (path: string): Promise<void> => writeFile(path, "");
  for (const name of ["kind-1", "kind-2", "other-1"]) await cache.get(name, make);
  const longAgo = new Date(0);
  for (const name of ["kind-1", "kind-2", "other-1"]) utimesSync(join(root, name), longAgo, longAgo);
  await cache.get("kind-2", make);
  await cache.get("kind-3", make);
  expect(readdirSync(root).toSorted()).toEqual(["kind-2", "kind-3", "other-1"]);
});

test("cache: names and stamps say what something was made from", () => {
  expect(digestOf("a", "b")).toMatch(/^[0-9a-f]{16}$/);
  expect(digestOf("a", "b")).not.toBe(digestOf("ab"));
  const path = join(root, "file");
  writeFileSync(path, "one");
  const before = stampOf(path);
  expect(stampOf(path)).toBe(before);
  writeFileSync(path, "three");
  expect(stampOf(path)).not.toBe(before);
  const same = join(root, "same");
  writeFileSync(same, "three");
  expect(digestOfFile(same)).toBe(digestOfFile(path));
  writeFileSync(same, "four");
  expect(digestOfFile(same)).not.toBe(digestOfFile(path));
});
