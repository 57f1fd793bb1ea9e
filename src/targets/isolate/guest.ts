import type { MessagePort } from "node:worker_threads";
import { Board } from "../board.ts";
import { Guest } from "../guest.ts";
import type { ToGuest } from "../protocol.ts";
import { RingLine, type RingMemory } from "../ring-line.ts";
import type { GuestOptions, Rest } from "./guest-options.ts";

/** The guest's half of an isolate: called by the bundled image with the program's default export, first thing in the worker. */
export function boot(program: unknown, options: GuestOptions, port: MessagePort): void {
  const board = new Board(options.board);
  const guest = new Guest<RingMemory>(
    program,
    options,
    board,
    options.hostRing,
    (kernel, home) => new RingLine(kernel, home),
    (message) => port.postMessage(message),
  );
  port.on("message", (message: ToGuest | Rest) => {
    if (message.type === "rest") board.rest(options.place);
    else if (message.type === "ended") guest.ended(message.peer, message.reason);
    else guest.ring(message.peer, message.memory, message.end, message.place);
  });
}
