/**
 * The floor of booting a hardware VM: QEMU with the same kernel, started in the same way, and a first process that writes one byte
 * and waits. From the call to that byte. Its end is not measured.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Blanks } from "../../../src/targets/qemu/blanks.ts";
import { Cache } from "../../../src/targets/qemu/cache.ts";
import { cpio } from "../../../src/targets/qemu/cpio.ts";
import { findEquipment } from "../../../src/targets/qemu/equipment.ts";
import { startMachine } from "../../../src/targets/qemu/machine.ts";
import { RegionCommons } from "../../../src/targets/qemu/region-commons.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";

const loadAddress = 0x400000;
const headerBytes = 64 + 56;

/** A program in 64-bit ELF of one segment: `write(1, "1", 1)`, then `pause()` for ever. */
function tinyProgram(): Uint8Array {
  const code = Buffer.from(
    // mov eax, 1; mov edi, eax; lea rsi, [rip + 13]; mov edx, eax; syscall; mov eax, 34; syscall; jmp to the last mov; "1"
    "b80100000089c7488d350d00000089c20f05b8220000000f05ebf731",
    "hex",
  );
  const elf = Buffer.alloc(headerBytes);
  elf.write("\x7fELF\x02\x01\x01", 0, "latin1");
  elf.writeUInt16LE(2, 16);
  elf.writeUInt16LE(62, 18);
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(BigInt(loadAddress + headerBytes), 24);
  elf.writeBigUInt64LE(64n, 32);
  elf.writeUInt16LE(64, 52);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  // The one segment: the whole file, to be read and run.
  elf.writeUInt32LE(1, 64);
  elf.writeUInt32LE(5, 68);
  elf.writeBigUInt64LE(BigInt(loadAddress), 64 + 16);
  elf.writeBigUInt64LE(BigInt(loadAddress), 64 + 24);
  elf.writeBigUInt64LE(BigInt(headerBytes + code.length), 64 + 32);
  elf.writeBigUInt64LE(BigInt(headerBytes + code.length), 64 + 40);
  elf.writeBigUInt64LE(4096n, 64 + 48);
  return Buffer.concat([elf, code]);
}

const folder = mkdtempSync(join(tmpdir(), "bare-machine-"));
const initramfs = join(folder, "initramfs");
writeFileSync(
  initramfs,
  Buffer.concat([
    ...cpio([
      { type: "folder", path: "/dev" },
      { type: "character", path: "/dev/console", major: 5, minor: 1 },
      { type: "file", path: "/node", bytes: tinyProgram(), executable: true },
    ]),
  ]),
);
const equipment = findEquipment();
const options = { ...(await new Blanks(equipment, new Cache(), false).options(256)), initramfs };
const count = askedCount();
let elapsedNs = 0;
let said = 0;
for (let i = -1; i < count; i++) {
  const commons = new RegionCommons(equipment.native);
  const startNs = nowNs();
  const { child, console: printed } = startMachine(equipment, options, commons.fd, "ignore");
  const ended = once(child, "close");
  const [bytes] = (await once(printed, "data")) as [Buffer];
  if (i >= 0) {
    elapsedNs += nowNs() - startNs;
    said += Number(bytes.toString());
  }
  child.kill("SIGKILL");
  await ended;
  commons.close();
}
rmSync(folder, { recursive: true });
printSample({ work: count, elapsedNs, check: String(said) });
process.exit(0);
