import pino, { type Logger } from "pino";
import type { LogLine } from "../targets/target.ts";

/** Where a host's lines go: what VMs print, their crash reports, what happens to them. */
export interface HostLog {
  line(vm: string, line: LogLine): void;
}

/** The log of a host that was not given one: pino's JSON lines on standard error. */
export const defaultLogger = (): Logger => pino({ name: "motes" }, pino.destination({ fd: 2, sync: true }));

/** Writes lines to a pino logger, with `vm` and `actor` as fields. */
export function pinoLog(logger: Logger): HostLog {
  return {
    line(vm, { level, text, actor, label, details }) {
      // The names last: what a VM says of the details does not speak for another one.
      const from = {
        vm,
        ...(actor === undefined ? {} : { actor }),
        ...(label === undefined ? {} : { label }),
      };
      logger[level]({ ...details, ...from }, text);
    },
  };
}
