import type { ReadStream } from "node:tty";
import { Board } from "../board.ts";
import { Guest } from "../guest.ts";
import { MappedRings } from "../process/mapped-rings.ts";
import { type Koffi, type Mapping, nativeBy } from "../process/native.ts";
import { fromLine } from "../process/text-lines.ts";
import { toHostLine } from "../process/to-host-line.ts";
import { type MappedRing, RingLine, type RingMemory } from "../ring-line.ts";
import type { ToHost } from "../protocol.ts";
import type { QemuGuestOptions, ToQemuGuest } from "./protocol.ts";
import { boardBytes, boardOffset, ringOffset } from "./region.ts";
import { type BellWire, SerialBell } from "./serial-bell.ts";
import { ringByte, WireLines } from "./wire-lines.ts";

/** What `init.ts` has opened before. */
export interface Machine {
  readonly koffi: Koffi;
  readonly writeSync: typeof import("node:fs").writeSync;
  /** The serial port to the host, for writing; a write waits until it is done. */
  readonly wire: number;
  readonly fromHost: ReadStream;
  /** What has come after the boot line. */
  readonly rest: Buffer;
  /** The file of the memory that the host sees too. */
  readonly memory: string;
}

/** The guest's half of a hardware VM: called by the bundled image with the program's default export, by `init.ts`. */
export function boot(program: unknown, options: QemuGuestOptions, machine: Machine): void {
  const { koffi, writeSync, fromHost, rest, memory } = machine;
  const native = nativeBy(koffi);
  const fd = native.open(memory);
  const ringByteAlone = Uint8Array.of(ringByte);
  const bellWire: BellWire = {
    ring: () => void writeSync(machine.wire, ringByteAlone),
    onRing: () => {},
  };
  const board = new Board(
    native.map(fd, boardBytes, boardOffset).buffer,
    (words, index) => new SerialBell(words, index, bellWire),
  );
  const ringAt = (offset: number, bytes: number): MappedRing & Mapping => ({
    path: "",
    offset,
    ...native.map(fd, bytes, offset),
  });
  const tell = (message: ToHost): void => {
    const bytes = Buffer.from(`${toHostLine(message)}\n`);
    for (let at = 0; at < bytes.length; ) at += writeSync(machine.wire, bytes, at);
  };
  const guest = new Guest<RingMemory>(
    program,
    options,
    board,
    ringAt(ringOffset(0), options.hostRingBytes),
    (kernel, home) => new RingLine(kernel, home),
    tell,
  );
  const rings = new MappedRings(guest);
  const hear = (message: ToQemuGuest): void => {
    if (message.type === "ended") return rings.ended(message.peer, message.reason);
    rings.open(message.peer, ringAt(message.offset, message.bytes), message.end, message.place);
  };
  // Sound: the host writes nothing else there.
  const lines = new WireLines(
    (line) => hear(fromLine(line) as ToQemuGuest),
    () => bellWire.onRing(),
  );
  lines.push(rest);
  fromHost.on("data", (bytes: Buffer) => lines.push(bytes));
}
