import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { vmlinuxOf } from "../../../../src/targets/qemu/vmlinux.ts";

/** An ELF file with one note, of this type. */
function elf(type: number): Buffer {
  const file = Buffer.alloc(200);
  file.write("\x7fELF", 0, "latin1");
  file[4] = 2;
  file.writeBigUInt64LE(64n, 32);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(4, 64);
  file.writeBigUInt64LE(128n, 64 + 8);
  file.writeBigUInt64LE(24n, 64 + 32);
  file.writeUInt32LE(4, 128);
  file.writeUInt32LE(8, 132);
  file.writeUInt32LE(type, 136);
  file.write("Xen\0", 140, "latin1");
  return file;
}

/** As a boot loader would find it, with this inside. */
function bootable(payload: Buffer): Buffer {
  const head = Buffer.alloc(1024);
  head[0x1f1] = 1;
  head.write("HdrS", 0x202, "latin1");
  head.writeUInt16LE(0x20f, 0x206);
  head.writeUInt32LE(0, 0x248);
  head.writeUInt32LE(payload.length, 0x24c);
  return Buffer.concat([head, payload]);
}

test("vmlinux: a kernel that can be started in 32 bits is taken out of its file", () => {
  const kernel = elf(18);
  expect(vmlinuxOf(bootable(gzipSync(kernel)))).toEqual(kernel);
});

test("vmlinux: one that cannot, is packed by other means, or is none, is left as it is", () => {
  expect(vmlinuxOf(bootable(gzipSync(elf(17))))).toBeUndefined();
  expect(vmlinuxOf(bootable(Buffer.from("\xfd7zXZ and more", "latin1")))).toBeUndefined();
  expect(vmlinuxOf(bootable(gzipSync(elf(18)).subarray(0, -9)))).toBeUndefined();
  expect(vmlinuxOf(Buffer.from("no kernel"))).toBeUndefined();
  expect(vmlinuxOf(Buffer.alloc(0x300))).toBeUndefined();
});
