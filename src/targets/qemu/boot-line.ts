/** What a blank machine is told: the time, entropy of its own, and what to run. */
import { randomBytes } from "node:crypto";
import { confinementOf } from "../confine.ts";
import type { VmSpec } from "../target.ts";
import type { BootLine } from "./protocol.ts";

const seedBytes = 32;

/** Written in the moment it is sent: a clone's clock and entropy are its template's until then. */
export function bootLine(spec: VmSpec, image: BootLine["image"]): string {
  const { vm, place, cores, development, image: program, devices, hostRing } = spec;
  const line: BootLine = {
    timeMs: Date.now(),
    seed: randomBytes(seedBytes).toString("hex"),
    image,
    options: {
      target: "qemu",
      vm,
      place,
      cores,
      development,
      path: program.path,
      hostRingBytes: "path" in hostRing ? hostRing.buffer.byteLength : hostRing.byteLength,
      confinement: devices === undefined ? undefined : confinementOf(devices),
    },
  };
  return JSON.stringify(line);
}
