import { defineErrors, type MakeError } from "../../kernel/index.ts";

/** How a process ended: its status, or the signal that ended it. */
export interface ProcessEnd {
  readonly status: number | null;
  readonly signal: string | null;
}

/** Why a port does not start, and why it ended: code to text. Each code has a line in `docs/errors.md`. */
const table = {
  PORT_OPTION: (d: { what: string; expected: string; got: string }) =>
    `${d.what}: expected ${d.expected}, got ${d.got}.`,
  PORT_COMMAND_NOT_FOUND: (d: { command: string; path: string }) =>
    d.command.includes("/")
      ? `there is no ${d.command}. Install it, or give the path of the command.`
      : `there is no command "${d.command}" in ${d.path}. Install it, give its path, or give a PATH in env.`,
  PORT_COMMAND_NOT_EXECUTABLE: (d: { command: string }) =>
    `${d.command} is there and cannot be executed. Give it the permission (chmod +x), or run it with its interpreter.`,
  PORT_CWD: (d: { command: string; cwd: string }) =>
    `${d.command} cannot be started in ${d.cwd}: that is no folder that can be entered. Make it first, or give another cwd.`,
  PORT_LIMIT_REFUSED: (d: { command: string; limit: string; value: number }) =>
    `${d.command} cannot have limits.${d.limit} ${d.value}: the system allows less. Ask for less, or raise the limit of the host's own process.`,
  PORT_NOT_SPAWNED: (d: { command: string; why: string }) =>
    `${d.command} cannot be started: ${d.why}. Has this VM the device spawn, and is there room for more processes and open files?`,
  PORT_NOT_READY: (d: Who & { readyTimeoutMs: number; waitedFor: string; lastLines: Lines }) =>
    `${who(d)} was not ready (${d.waitedFor}) within ${d.readyTimeoutMs} ms and was stopped. Give it more with readyTimeoutMs.${linesText(d.lastLines)}`,
  PORT_EXITED_EARLY: (d: Who & ProcessEnd & { lastLines: Lines }) =>
    `${who(d)} ended before it was ready, ${endText(d)}.${linesText(d.lastLines)}`,
  // Told at each restart: one line, and the others are in the details.
  PORT_EXITED: (d: Who & ProcessEnd & { lastLines: Lines }) =>
    `${who(d)} ended ${endText(d)}.${linesText(d.lastLines.slice(-1), " ")}`,
  PORT_GUARD_LOST: (d: Who) =>
    `the guard of ${who(d)} was ended by somebody else, so it was killed: without a guard it could be left behind.`,
  PORT_SUBSCRIBER_LOST: (d: Who) =>
    `the subscriber of ${who(d)} has ended, and its output goes nowhere. Supervise both, the port after its subscriber, as rest_for_one.`,
  PORT_STDIN_CLOSED: (d: { command: string }) =>
    `the standard input of ${d.command} takes nothing: it was ended, or the process has closed it.`,
  PORT_STDIN_FULL: (d: { command: string; waitingBytes: number; bytes: number; stdinBytesMax: number }) =>
    `${d.command} does not read its standard input: ${d.waitingBytes} bytes wait, and with ${d.bytes} more there would be above ${d.stdinBytesMax}. Wait for the answer of each write.`,
};

interface Who {
  readonly name: string;
  readonly command: string;
}

type Lines = readonly string[];

export const portError: MakeError<typeof table> = defineErrors(table);

const endText = ({ status, signal }: ProcessEnd): string =>
  signal === null ? `with status ${status}` : `by ${signal}`;

const linesText = (lines: Lines, before = "\n"): string =>
  lines.length === 0 ? "" : ` It said:${before}${lines.join("\n")}`;

/** The name alone says little of what to install, and the command little of which one it was. */
const who = ({ name, command }: Who): string =>
  command === name || command.endsWith(`/${name}`) ? command : `${name} (${command})`;
