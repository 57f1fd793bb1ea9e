import { assert } from "../../../kernel/index.ts";
import { portableText } from "../../../transports/wire/index.ts";
import type { GuestSetup } from "../guest.ts";
import { levels } from "../console.ts";
import { EventLoop } from "./event-loop.ts";
import { fatal } from "./fatal.ts";
import { installGlobals } from "./globals.ts";
import { boot } from "./guest.ts";
import { harden } from "./harden.ts";
import type { Inside, Outside, PackInside } from "./outside.ts";

type Printer = Record<string, (...parts: unknown[]) => void>;

interface Resident {
  readonly loop: EventLoop;
  readonly console: Printer;
  inside: Inside | undefined;
}

/**
 * Many VMs of one program in one realm of QuickJS: called inside it, with what makes the program anew. They share code that is frozen, and
 * what they do they do one at a time: all that one has left to do at once is done before another one is entered, so that the
 * globals that they share, and `outside`, serve the one whose turn it is. Each finds a `globalThis` of its own.
 */
export function pack(
  program: (global: object) => unknown,
  outside: Outside,
  code: readonly unknown[],
): PackInside {
  const residents = new Map<number, Resident>();
  let current: Resident | undefined;
  const turn = (): Resident => {
    assert(current !== undefined, "code of a pack runs in the turn of one of its VMs");
    return current;
  };
  const enter = (vm: number): Inside => {
    current = residents.get(vm);
    const inside = current?.inside;
    assert(inside !== undefined, "a VM is entered between its load and its end");
    return inside;
  };
  const failed = fatal(outside);
  const now = (): number => outside.now();
  const print = (method: string) => [
    method,
    (...parts: unknown[]): void => turn().console[method]?.(...parts),
  ];
  installGlobals(outside, () => turn().loop, Object.fromEntries(Object.keys(levels).map(print)));
  harden([outside, portableText, ...code]);
  return {
    load(vm, setup) {
      const resident: Resident = { loop: new EventLoop(now, failed), console: {}, inside: undefined };
      current = resident;
      residents.set(vm, resident);
      const global: Record<string, unknown> = Object.create(globalThis);
      global["globalThis"] = global;
      // Sound: its worker writes nothing else.
      resident.inside = boot(
        program(global),
        JSON.parse(setup) as GuestSetup,
        outside,
        resident.loop,
        resident.console,
      );
    },
    step: (vm) => enter(vm).step(),
    rang: (vm) => enter(vm).rang(),
    hear: (vm, json) => enter(vm).hear(json),
    drop(vm) {
      if (residents.get(vm) === current) current = undefined;
      residents.delete(vm);
    },
  };
}
