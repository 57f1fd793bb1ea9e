import { expect, test } from "vitest";
import { librariesOf } from "../../../../src/targets/qemu/initramfs.ts";

test.skipIf(process.platform !== "linux")(
  "initramfs: the libraries of a program are found under the names it asks for, with their loader",
  () => {
    const found = librariesOf(process.execPath);
    expect(found.some((path) => path.endsWith("/libc.so.6"))).toBe(true);
    expect(found.some((path) => path.endsWith("/ld-linux-x86-64.so.2"))).toBe(true);
    expect(found.every((path) => path.startsWith("/"))).toBe(true);
  },
);
