import { isMotesError } from "../../../kernel/index.ts";
import { Board } from "../board.ts";
import { Guest } from "../guest.ts";
import type { ToHost } from "../protocol.ts";
import { type MappedRing, RingLine, type RingMemory } from "../ring-line.ts";
import { Bells } from "./bells.ts";
import { MappedRings } from "./mapped-rings.ts";
import { type Koffi, type Mapping, type Native, nativeBy } from "./native.ts";
import type { PipeCalls } from "./pipe-bell.ts";
import { boardPath, guestFd, type ProcessGuestOptions, type ToProcessGuest } from "./protocol.ts";
import { attachRegion } from "./region.ts";
import { fromLine, TextLines } from "./text-lines.ts";
import { toHostLine } from "./to-host-line.ts";

/** The guest's half of a process: called by the bundled image with the program's default export, after the starter. */
export function boot(
  program: unknown,
  options: ProcessGuestOptions,
  { koffi, early, ...calls }: PipeCalls & { readonly koffi: Koffi; readonly early: Uint8Array },
): void {
  const tell = (message: ToHost): void => write(calls, message);
  const native = nativeBy(koffi);
  const { folder, places } = options;
  const bells = new Bells(native, folder, "holds the loop", calls);
  const mapping = attachRegion(native, boardPath(folder), Board.bytes(places));
  const board = new Board(mapping.buffer, (words, index, place) => bells.at(words, index, place));
  const guest = new Guest<RingMemory>(
    program,
    options,
    board,
    ringAt(native, options.hostRingPath),
    (kernel, home) => new RingLine(kernel, home),
    tell,
  );
  const rings = new MappedRings(guest);
  const hear = (message: ToProcessGuest): void => {
    if (message.type === "ended") return rings.ended(message.peer, message.reason);
    const ring = ringIfThere(native, message.path);
    if (ring !== undefined) rings.open(message.peer, ring, message.end, message.place);
  };
  // Sound: the host writes nothing else there.
  const lines = new TextLines((line) => hear(fromLine(line) as ToProcessGuest));
  const fromHost = new calls.Socket({ fd: guestFd.fromHost, readable: true, writable: false });
  // What the starter has read beyond its own.
  lines.push(early);
  fromHost.on("data", (bytes: Buffer) => lines.push(bytes));
  // The host is gone. The kernel says so too, by a signal; whoever comes first.
  fromHost.on("close", () => process.exit(0));
}

/** Rings differ in size; whoever attaches to one holds its words against what is there. */
function ringAt(native: Native, path: string): MappedRing & Mapping {
  return { path, ...attachRegion(native, path) };
}

/** Undefined: the peer has ended meanwhile, and the ring with it. The host says so next. */
function ringIfThere(native: Native, path: string): (MappedRing & Mapping) | undefined {
  try {
    return ringAt(native, path);
  } catch (problem) {
    if (!isMotesError(problem) && (problem as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw problem;
  }
}

/** Waits until it is written: what comes last, before the end, is what the host most needs. */
function write({ writeSync }: PipeCalls, message: ToHost): void {
  const bytes = Buffer.from(`${toHostLine(message)}\n`);
  for (let at = 0; at < bytes.length; ) at += writeSync(guestFd.toHost, bytes, at);
}
