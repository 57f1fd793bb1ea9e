/**
 * The root file system of a blank hardware VM: Node as its first and only process, the shared libraries that it and koffi need, and
 * `init.ts`. Knows nothing of programs: those come by the region. Made once and kept, since it is a copy of Node.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { type CpioEntry, cpio } from "./cpio.ts";
import { init } from "./init.ts";

/** Files of this machine that go into it. */
export interface InitramfsParts {
  readonly node: string;
  readonly koffi: string;
}

/** In pieces, to be written one after the other. Throws whatever `ldd` fails with. */
export function initramfs({ node, koffi }: InitramfsParts, stripped: Uint8Array): Generator<Uint8Array> {
  const libraries = [...new Set([...librariesOf(node), ...librariesOf(koffi)])].sort();
  const folders = new Set(["/dev", "/proc", "/sys", "/tmp"]);
  for (const path of libraries) for (const folder of parents(path)) folders.add(folder);
  const entries: CpioEntry[] = [
    ...[...folders].sort().map((path): CpioEntry => ({ type: "folder", path })),
    // The kernel opens it for the first process before there is anything else.
    { type: "character", path: "/dev/console", major: 5, minor: 1 },
    ...libraries.map(
      (path): CpioEntry => ({ type: "file", path, bytes: readFileSync(path), executable: true }),
    ),
    { type: "file", path: "/koffi.node", bytes: readFileSync(koffi) },
    { type: "file", path: "/init.js", bytes: Buffer.from(init) },
    { type: "file", path: "/node", bytes: stripped, executable: true },
  ];
  return cpio(entries);
}

/** What the loader would load with it, and the loader, under the names by which they are asked for. */
export function librariesOf(file: string): readonly string[] {
  const text = execFileSync("ldd", [file], { encoding: "utf8" });
  return [...text.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map(([, path = ""]) => path);
}

function parents(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === "/" ? [] : [...parents(folder), folder];
}
