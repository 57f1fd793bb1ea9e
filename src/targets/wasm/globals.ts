import { SmallAbortController } from "./abort.ts";
import { EventLoop } from "./event-loop.ts";
import type { Outside } from "./outside.ts";

/**
 * Gives a program inside QuickJS the globals that it expects of any JavaScript platform: timers, a clock, a console to be
 * forwarded, `process.exit`. Nothing here reaches further than `Outside`.
 */
export function installGlobals(
  global: object,
  outside: Outside,
  failed: (problem: unknown) => void,
): EventLoop {
  const loop = new EventLoop(() => outside.now(), failed);
  type Callback = (...args: unknown[]) => void;
  const clear = (id: unknown): void => loop.clear(id);
  const silent = (): void => {};
  const timer =
    (repeats: boolean) =>
    (run: Callback, delayMs = 0, ...args: unknown[]): number =>
      loop.timer(() => run(...args), delayMs, repeats);
  // As in Node, where it is caught by nobody: the VM ends, whatever the program does with what is thrown.
  const exit = (code: unknown = 0): never => {
    const message = `the VM called process.exit(${String(code)}); end its root instead`;
    outside.exit(JSON.stringify({ type: "crash", name: "Exit", message }));
    throw new Error(message);
  };
  const globals = {
    setTimeout: timer(false),
    setInterval: timer(true),
    setImmediate: (run: Callback, ...args: unknown[]): number => loop.immediate(() => run(...args)),
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
    performance: { now: () => outside.now() },
    console: { debug: silent, log: silent, info: silent, warn: silent, error: silent, trace: silent },
    process: {
      exit,
      env: {},
      nextTick: (run: Callback, ...args: unknown[]) => queueMicrotask(() => run(...args)),
    },
    AbortController: SmallAbortController,
  };
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(global, name, { value, configurable: true, writable: true });
  Date.now = () => outside.timeOfDay();
  Math.random = () => outside.random();
  return loop;
}
