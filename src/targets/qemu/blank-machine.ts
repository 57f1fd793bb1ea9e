/** A machine that is started, waited for until it is blank, used, and gone again: for templates, and to find out what works. */
import { once } from "node:events";
import { fromLine } from "../process/text-lines.ts";
import type { MachineOptions } from "./command-line.ts";
import type { Equipment } from "./equipment.ts";
import { type StartedMachine, startMachine } from "./machine.ts";
import { asFromMachine } from "./protocol.ts";
import { RegionCommons } from "./region-commons.ts";
import { WireLines } from "./wire-lines.ts";

/** Rejects, with what QEMU and its guest have said, if it ends or takes longer than that, all together. */
export async function withBlankMachine(
  equipment: Equipment,
  options: MachineOptions,
  timeoutMs: number,
  use: (machine: StartedMachine) => Promise<void>,
): Promise<void> {
  const commons = new RegionCommons(equipment.native);
  const machine = startMachine(equipment, options, commons.fd, "ignore");
  const { child } = machine;
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  const ended = once(child, "close").catch(() => {});
  try {
    await isBlank(machine);
    await use(machine);
  } finally {
    clearTimeout(timer);
    child.kill("SIGKILL");
    await ended;
    commons.close();
  }
}

function isBlank({ child, console, complaints, wire }: StartedMachine): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    for (const pipe of [console, complaints])
      pipe.on("data", (bytes: Buffer) => {
        said = (said + bytes.toString()).slice(-2000);
      });
    const lines = new WireLines(
      (line) => {
        if (asFromMachine(fromLine(line))?.type === "blank") resolve();
      },
      () => {},
    );
    wire.on("data", (bytes: Buffer) => lines.push(bytes));
    wire.on("error", () => {});
    child.on("error", reject);
    child.on("close", () => reject(new Error(`a blank machine did not boot: ${said.trim()}`)));
  });
}
