import { expect, test } from "vitest";
import { type CpioEntry, cpio } from "../../../../src/targets/qemu/cpio.ts";

const entries: readonly CpioEntry[] = [
  { type: "folder", path: "/lib" },
  { type: "file", path: "/lib/a", bytes: Buffer.from("12345"), executable: true },
  { type: "file", path: "/b", bytes: Buffer.from("") },
  { type: "link", path: "/lib/c", to: "../b" },
  { type: "character", path: "/console", major: 5, minor: 1 },
];

/** The fields of each header, as the kernel reads them. */
function headers(archive: Buffer): readonly { name: string; mode: number; bytes: number; rdev: string }[] {
  const found = [];
  for (let at = 0; ; ) {
    const field = (n: number): number =>
      parseInt(archive.toString("latin1", at + 6 + n * 8, at + 14 + n * 8), 16);
    expect(archive.toString("latin1", at, at + 6)).toBe("070701");
    const [mode, bytes, nameBytes] = [field(1), field(6), field(11)];
    const name = archive.toString("latin1", at + 110, at + 110 + nameBytes - 1);
    found.push({ name, mode, bytes, rdev: `${field(9)}:${field(10)}` });
    if (name === "TRAILER!!!") return found;
    at = (at + 110 + nameBytes + 3) & ~3;
    at = (at + bytes + 3) & ~3;
  }
}

test("cpio: each entry has its header, at a multiple of four, and the end is marked", () => {
  expect(headers(Buffer.concat([...cpio(entries)]))).toEqual([
    { name: "lib", mode: 0o040755, bytes: 0, rdev: "0:0" },
    { name: "lib/a", mode: 0o100755, bytes: 5, rdev: "0:0" },
    { name: "b", mode: 0o100644, bytes: 0, rdev: "0:0" },
    { name: "lib/c", mode: 0o120777, bytes: 4, rdev: "0:0" },
    { name: "console", mode: 0o020600, bytes: 0, rdev: "5:1" },
    { name: "TRAILER!!!", mode: 0, bytes: 0, rdev: "0:0" },
  ]);
});

test("cpio: the same entries give the same bytes", () => {
  expect(Buffer.concat([...cpio(entries)])).toEqual(Buffer.concat([...cpio(entries)]));
});
