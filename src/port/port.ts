import {
  actor,
  crashOf,
  type Call,
  type Definition,
  type Down,
  type Exit,
  type Self,
} from "../../kernel/index.ts";
import { portError } from "./errors.ts";
import { Life, type PortInfo } from "./life.ts";
import { checkOptions, type PortOptions } from "./options.ts";
import type { PortCredit } from "./output.ts";

export type PortProtocol =
  | Call<"write", [data: string | Uint8Array], void>
  | Call<"end", [], void>
  | Call<"info", [], PortInfo>
  | PortCredit;

/** Of `port`, from the exit signal to the end of the process: a supervisor's `shutdown` has to be above it. 4000 ms by default. */
export function stopTimeMs(options: PortOptions): number {
  const { graceMs, termMs } = checkOptions(options).stop;
  return graceMs + termMs;
}

/**
 * An actor that owns one OS process (Erlang: a port). Its start is complete when the process is ready. It ends with the process:
 * `normal` after status 0, else with a `PortExit`; and the process ends with it, with its whole group, whatever ends the actor,
 * its VM or its host. Needs the device `spawn`, and a POSIX system.
 *
 * With a subscriber its output goes there as messages, and each of them is one of `window` until it was answered by `more`; it ends
 * when the subscriber does. Without one, lines go to the log.
 *
 * Options may be made from the arguments that the actor is started with: for many of one kind, or for a subscriber's address.
 *
 * Throws `PORT_OPTION`, or if options are made its start fails with it; and with `PORT_NOT_SPAWNED`, `PORT_CWD`, `PORT_COMMAND_NOT_FOUND`, `PORT_COMMAND_NOT_EXECUTABLE`,
 * `PORT_LIMIT_REFUSED`, `PORT_EXITED_EARLY`, `PORT_NOT_READY`.
 *
 * @example
 * const redis = port({ command: "redis-server", args: ["--port", "7000"], ready: { tcp: 7000 } });
 * const tree = supervisor({ children: { redis: child(redis, []) } });
 */
// First, and with a type for what is made: else a literal in it is widened to a text before it is compared.
export function port<A extends readonly unknown[], const O extends PortOptions>(
  options: (...args: A) => O,
): Definition<A, PortProtocol, object>;
export function port(options: PortOptions): Definition<[], PortProtocol, object>;
export function port(
  options: PortOptions | ((...args: readonly unknown[]) => PortOptions),
): Definition<readonly unknown[], PortProtocol, object> {
  const checked = typeof options === "function" ? undefined : checkOptions(options);
  const optionsOf = typeof options === "function" ? options : (): PortOptions => options;
  return actor({
    label: checked?.name ?? "port",
    init: async (self: Self<PortCredit>, ...args: readonly unknown[]) => {
      const life = new Life(checked ?? checkOptions(optionsOf(...args)), self);
      await life.start();
      return life;
    },
    call: {
      write(life, data: string | Uint8Array) {
        const caller = this.caller<void>();
        life.process.write(data, (problem) => {
          if (problem === undefined) caller.reply(undefined);
          else caller.fail(crashOf(problem));
        });
        return caller.later;
      },
      end: (life): void => life.process.end(),
      info: (life): PortInfo => life.info,
    },
    cast: { more: (life, count: number) => life.more(count) },
    info: {
      down(life, _message: Down) {
        this.stop(crashOf(portError("PORT_SUBSCRIBER_LOST", life.info)));
      },
      exit(_life, { reason }: Exit) {
        if (reason !== "normal") this.stop(reason);
      },
    },
    terminate: (life) => life.stop(),
  });
}
