import { format } from "node:util";
import type { Kernel } from "../../kernel/index.ts";
import type { LogLine } from "./target.ts";

/** What a program prints with, and how loud that is in the log. */
export const levels = {
  debug: "debug",
  log: "info",
  info: "info",
  warn: "warn",
  error: "error",
  trace: "debug",
} as const;

/** Gives `printer` methods that send what the program prints to the host's log, with the actor that was running. */
export function forwardConsole(printer: object, kernel: Kernel, log: (line: LogLine) => void): void {
  for (const [method, level] of Object.entries(levels)) {
    const print = (...parts: unknown[]): void => {
      const text = format(...parts);
      const { current } = kernel;
      log(
        current === null
          ? { level, text }
          : { level, text, actor: current.ref.toString(), label: current.behavior.label },
      );
    };
    Object.defineProperty(printer, method, { value: print, configurable: true, writable: true });
  }
}
