#!/usr/bin/env node
import { type ArgsDef, type CommandDef, renderUsage, runCommand } from "citty";
import { isMotesError } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import { packageVersion } from "./version.ts";
import { endOnBrokenPipe } from "./broken-pipe.ts";

/** Loaded when it is asked for: a small command does not wait for all that a large one is made of. */
const commands: Readonly<Record<string, () => Promise<Runnable>>> = {
  run: async () => runnable((await import("./run.ts")).run),
  build: async () => runnable((await import("./build.ts")).build),
  describe: async () => runnable((await import("./describe.ts")).describe),
  boot: async () => runnable((await import("./boot.ts")).boot),
  host: async () => runnable((await import("./host.ts")).host),
  hosts: async () => runnable((await import("./hosts.ts")).hosts),
  ps: async () => runnable((await import("./ps.ts")).ps),
  services: async () => runnable((await import("./services.ts")).services),
  replace: async () => runnable((await import("./replace.ts")).replaceCommand),
  attach: async () => runnable((await import("./attach.ts")).attach),
  kill: async () => runnable((await import("./kill.ts")).kill),
  doctor: async () => runnable((await import("./doctor.ts")).doctor),
  cert: async () => runnable((await import("./cert.ts")).cert),
  cloud: async () => runnable((await import("./cloud.ts")).cloud),
};

/** Exit statuses: 0 it ended well, 1 it did not, 2 the command was not understood. */
async function main(argv: readonly string[]): Promise<number> {
  const [command] = argv;
  if (command === undefined || command === "--help" || command === "-h") {
    process.stdout.write(`${await usageOfAll()}\n`);
    return command === undefined ? 2 : 0;
  }
  if (command === "--version") {
    process.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const found = await named(command);
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(`${await found.usage()}\n`);
    return 0;
  }
  // Run by itself: through its parent its result would not come back.
  const result = await found.execute(argv.slice(1));
  return typeof result === "number" ? result : 0;
}

interface Runnable {
  readonly meta: CommandDef["meta"];
  usage(): Promise<string>;
  execute(rawArgs: string[]): Promise<unknown>;
}

const runnable = <T extends ArgsDef>(command: CommandDef<T>): Runnable => ({
  meta: command.meta,
  usage: async () => renderUsage(command),
  execute: async (rawArgs) => (await runCommand(command, { rawArgs })).result,
});

/** Throws `UNKNOWN_COMMAND`. */
function named(command: string): Promise<Runnable> {
  const found = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (found === undefined) throw srcError("UNKNOWN_COMMAND", { command, known: Object.keys(commands) });
  return found();
}

async function usageOfAll(): Promise<string> {
  const all = Object.entries(commands).map(async ([name, load]) => [name, { meta: (await load()).meta }]);
  return renderUsage({
    meta: {
      name: "motes",
      version: packageVersion(),
      description: "Typed actors under supervision, in tiny VMs",
    },
    subCommands: Object.fromEntries(await Promise.all(all)),
  });
}

const argv = process.argv.slice(2);
endOnBrokenPipe(process.stdout);
try {
  process.exitCode = await main(argv);
} catch (problem) {
  const known = isMotesError(problem);
  process.stderr.write(
    known ? `motes: ${problem.code}: ${problem.message}\n` : `motes: ${String(problem)}\n`,
  );
  if (argv.includes("--stack") && problem instanceof Error) process.stderr.write(`${problem.stack ?? ""}\n`);
  const usage =
    known &&
    [
      "UNKNOWN_OPTION",
      "UNKNOWN_COMMAND",
      "UNKNOWN_TARGET",
      "MISSING_ARGUMENT",
      "KEY_UNKNOWN",
      "KEY_INVALID",
      "DEVICE_UNKNOWN",
      "CERT_OPTION",
      "CLOUD_OPTION",
      "HOST_OPTION",
    ].includes(problem.code);
  process.exitCode = usage ? 2 : 1;
}
