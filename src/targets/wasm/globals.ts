import { SmallAbortController } from "./abort.ts";
import type { EventLoop } from "./event-loop.ts";
import type { Outside } from "./outside.ts";

/**
 * The globals that a program expects of any JavaScript platform, for QuickJS, which has none of them: timers, a clock, chance, a console to
 * be forwarded, `process.exit`. Nothing here reaches further than `Outside`. `loop` is asked at each call whose turn it is.
 */
export function installGlobals(outside: Outside, loop: () => EventLoop, console: object): void {
  type Callback = (...args: unknown[]) => void;
  const clear = (id: unknown): void => loop().clear(id);
  const timer =
    (repeats: boolean) =>
    (run: Callback, delayMs = 0, ...args: unknown[]): number =>
      loop().timer(() => run(...args), delayMs, repeats);
  // As in Node, where it is caught by nobody: the VM ends, whatever the program does with what is thrown.
  const exit = (code: unknown = 0): never => {
    const message = `the VM called process.exit(${String(code)}); end its root instead`;
    outside.exit(JSON.stringify({ type: "crash", name: "Exit", message }));
    throw new Error(message);
  };
  const globals = {
    setTimeout: timer(false),
    setInterval: timer(true),
    setImmediate: (run: Callback, ...args: unknown[]): number => loop().immediate(() => run(...args)),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
    performance: { now: () => outside.now() },
    console,
    process: {
      exit,
      env: {},
      nextTick: (run: Callback, ...args: unknown[]) => queueMicrotask(() => run(...args)),
    },
    AbortController: SmallAbortController,
  };
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  Date.now = () => outside.timeOfDay();
  Math.random = () => outside.random();
}
