import type { Ref } from "../../kernel/index.ts";
import { portError } from "./errors.ts";
import type { PortBytes, PortLine, PortOutput } from "./output.ts";

/**
 * What a port is told, and the check of it: everything is looked at when `port` is called, before any process starts, also for callers
 * without types. It knows no defaults of the system but those that are named here.
 */
export type Stream = "stdout" | "stderr";

const signals = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGTERM"] as const;
export type StopSignal = (typeof signals)[number];

/** When its start is complete. `line`: one that matches, on any stream or that one. `tcp`: a port of this machine that accepts. */
export type PortReady =
  | "started"
  | { readonly line: RegExp; readonly stream?: Stream }
  | { readonly tcp: number }
  | {
      /** True: ready. What it throws counts as false. */
      readonly probe: () => boolean | PromiseLike<boolean>;
      /** Default: 100 ms after the last answer. */
      readonly everyMs?: number;
    };

/** How it is ended: first in its own way, if that is given, then by SIGTERM, then by SIGKILL. The last two are for its whole group. */
export interface PortStop {
  /** Written to its standard input, which then ends; `""` only ends it. */
  readonly write?: string;
  /** To the process alone: `SIGINT`, `SIGQUIT`. */
  readonly signal?: StopSignal;
  /** From `write` or `signal` to SIGTERM. Default: 2000 ms; 0 without them. */
  readonly graceMs?: number;
  /** From SIGTERM to SIGKILL. Default: 2000 ms. */
  readonly termMs?: number;
}

/** Of each of its processes. Default: none. */
export interface PortLimits {
  /** MiB of address space (RLIMIT_AS). Runtimes that reserve much and use little, such as Node and Go, need it large. */
  readonly memoryMb?: number;
  /** Seconds of computing; then SIGXCPU, and SIGKILL a second later. */
  readonly cpuSeconds?: number;
  readonly openFiles?: number;
}

interface Settings {
  /** A path, or a name that is looked for in the PATH of `env`, else in the usual folders. No shell reads it. */
  readonly command: string;
  readonly args?: readonly string[];
  /** All of its environment. Default: none. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: `/`. */
  readonly cwd?: string;
  /** For logs and errors. Default: the command's last part. */
  readonly name?: string;
  /** Default: `"started"`. */
  readonly ready?: PortReady;
  /** Default: 10,000 ms. */
  readonly readyTimeoutMs?: number;
  readonly stop?: PortStop;
  readonly limits?: PortLimits;
  /** Messages that a subscriber gets before it has to say `more`. Default: 256. */
  readonly window?: number;
  /** A longer line is cut, and each part but the last one says so. Default: 16,384 UTF-16 units. */
  readonly lineLengthMax?: number;
  /** What may wait for a process that does not read. Default: 1 MiB. */
  readonly stdinBytesMax?: number;
}

/** Who gets what it prints, as lines or as bytes. Default: lines, and without a subscriber they go to the log. */
type Printed =
  | { readonly output?: "lines"; readonly subscriber?: Ref<PortLine> }
  | { readonly output: "raw"; readonly subscriber?: Ref<PortBytes> };

export type PortOptions = Settings & Printed;

export interface CheckedOptions extends Required<Omit<Settings, "limits" | "stop">> {
  readonly output: "lines" | "raw";
  readonly subscriber: Ref<PortOutput> | undefined;
  readonly limits: PortLimits;
  readonly stop: { readonly write: string | undefined; readonly signal: StopSignal | undefined } & StopTimes;
}

interface StopTimes {
  readonly graceMs: number;
  readonly termMs: number;
}

const known: Readonly<Record<string, readonly string[]>> = {
  port: `command args env cwd name ready readyTimeoutMs stop limits output subscriber window lineLengthMax stdinBytesMax`.split(
    " ",
  ),
  "port.stop": ["write", "signal", "graceMs", "termMs"],
  "port.limits": ["memoryMb", "cpuSeconds", "openFiles"],
};

/** Throws `PORT_OPTION`. */
export function checkOptions(options: PortOptions): CheckedOptions {
  const { stop = {}, limits = {}, command, args = [], env = {}, cwd = "/" } = options;
  keysOf("port", options);
  keysOf("port.stop", stop);
  keysOf("port.limits", limits);
  check("command", isWord(command), "the path or name of a program", command);
  check("args", Array.isArray(args) && args.every(isText), "texts without NUL", args);
  for (const [name, value] of Object.entries(env)) {
    check("env", /^[A-Za-z_]\w*$/.test(name), "names of letters, digits and _", name);
    check(`env.${name}`, isText(value), "a text without NUL", value);
  }
  check("cwd", isWord(cwd) && cwd.startsWith("/"), "an absolute path", cwd);
  const { name = command.replace(/.*\/(?=.)/, ""), ready = "started", output = "lines" } = options;
  check("name", isWord(name), "a text", name);
  check("output", output === "lines" || output === "raw", `"lines" or "raw"`, output);
  checkReady(ready);
  for (const [limit, value] of Object.entries(limits)) count(`limits.${limit}`, value, 1);
  return {
    command,
    args,
    env,
    cwd,
    name,
    ready,
    output,
    // Sound: it is sent what `output` says, as the types of its options have asked.
    subscriber: options.subscriber as Ref<PortOutput> | undefined,
    limits,
    stop: checkStop(stop),
    readyTimeoutMs: count("readyTimeoutMs", options.readyTimeoutMs ?? 10_000, 1),
    window: count("window", options.window ?? 256, 1),
    lineLengthMax: count("lineLengthMax", options.lineLengthMax ?? 16_384, 1),
    stdinBytesMax: count("stdinBytesMax", options.stdinBytesMax ?? 1024 * 1024, 1),
  };
}

function checkStop({ write, signal, graceMs, termMs = 2000 }: PortStop): CheckedOptions["stop"] {
  check("stop.write", write === undefined || typeof write === "string", "a text", write);
  check("stop.signal", signal === undefined || signals.includes(signal), signals.join(", "), signal);
  const asked = write !== undefined || signal !== undefined;
  check("stop.graceMs", asked || graceMs === undefined, "none without stop.write or stop.signal", graceMs);
  return {
    write,
    signal,
    graceMs: count("stop.graceMs", graceMs ?? (asked ? 2000 : 0), 0),
    termMs: count("stop.termMs", termMs, 0),
  };
}

function checkReady(ready: PortReady): void {
  const expected = `"started", { line }, { tcp } or { probe }`;
  if (ready === "started") return;
  check("ready", typeof ready === "object" && ready !== null, expected, ready);
  if ("line" in ready) {
    const { line, stream } = ready;
    check("ready.line", line instanceof RegExp, "a regular expression", line);
    check(
      "ready.stream",
      stream === undefined || stream === "stdout" || stream === "stderr",
      "stdout or stderr",
      stream,
    );
  } else if ("tcp" in ready) {
    check("ready.tcp", count("ready.tcp", ready.tcp, 1) < 65_536, "a port of TCP", ready.tcp);
  } else if ("probe" in ready) {
    check("ready.probe", typeof ready.probe === "function", "a function", ready.probe);
    count("ready.everyMs", ready.everyMs ?? 100, 1);
  } else {
    check("ready", false, expected, ready);
  }
}

const timeMax = 2 ** 31 - 1;

/** As far as a timer and the shell's arithmetic go. */
function count(what: string, value: unknown, min: number): number {
  const ok = typeof value === "number" && Number.isSafeInteger(value) && value >= min && value <= timeMax;
  check(what, ok, `a whole number from ${min} to ${timeMax}`, value);
  // Sound: looked at above.
  return value as number;
}

function keysOf(what: string, value: object): void {
  check(what, typeof value === "object" && value !== null, "an object", value);
  const names = known[what] ?? [];
  for (const name of Object.keys(value)) check(what, names.includes(name), names.join(", "), name);
}

const isText = (value: unknown): boolean => typeof value === "string" && !value.includes("\0");
const isWord = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && isText(value);

function check(what: string, ok: boolean, expected: string, got: unknown): void {
  if (!ok) throw portError("PORT_OPTION", { what, expected, got: textOf(got) });
}

const textOf = (value: unknown): string =>
  typeof value === "string" ? JSON.stringify(value) : Array.isArray(value) ? "a list" : String(value);
