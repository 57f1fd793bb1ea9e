import type { GuestSetup } from "../guest.ts";
import { EventLoop } from "./event-loop.ts";
import { fatal } from "./fatal.ts";
import { installGlobals } from "./globals.ts";
import { boot } from "./guest.ts";
import type { Inside, Outside } from "./outside.ts";

/**
 * A VM that has its QuickJS for itself: called inside it, with what makes the program, which it loads. What it answers boots it; until then
 * it has asked for nothing of `outside`, unless the program has.
 */
export function alone(program: (global: object) => unknown, outside: Outside): (setup: GuestSetup) => Inside {
  const loop = new EventLoop(() => outside.now(), fatal(outside));
  const console = {};
  installGlobals(outside, () => loop, console);
  const app = program(globalThis);
  return (setup) => boot(app, setup, outside, loop, console);
}
