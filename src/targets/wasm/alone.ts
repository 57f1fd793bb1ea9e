import type { GuestSetup } from "../guest.ts";
import { EventLoop } from "./event-loop.ts";
import { fatal } from "./fatal.ts";
import { installGlobals } from "./globals.ts";
import { boot } from "./guest.ts";
import type { Inside, Outside } from "./outside.ts";

/** A VM that has its QuickJS for itself: called inside it, with what makes the program. */
export function alone(program: (global: object) => unknown, setup: GuestSetup, outside: Outside): Inside {
  const loop = new EventLoop(() => outside.now(), fatal(outside));
  const console = {};
  installGlobals(outside, () => loop, console);
  return boot(program(globalThis), setup, outside, loop, console);
}
