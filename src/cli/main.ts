#!/usr/bin/env node
import { type ArgsDef, type CommandDef, defineCommand, renderUsage, runCommand } from "citty";
import { isMotesError } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import { packageVersion } from "./version.ts";
import { boot } from "./boot.ts";
import { endOnBrokenPipe } from "./broken-pipe.ts";
import { build } from "./build.ts";
import { cert } from "./cert.ts";
import { cloud } from "./cloud.ts";
import { describe } from "./describe.ts";
import { doctor } from "./doctor.ts";
import { host } from "./host.ts";
import { hosts } from "./hosts.ts";
import { kill } from "./kill.ts";
import { ps } from "./ps.ts";
import { replaceCommand } from "./replace.ts";
import { run } from "./run.ts";
import { services } from "./services.ts";

const motes = defineCommand({
  meta: {
    name: "motes",
    version: packageVersion(),
    description: "Typed actors under supervision, in tiny VMs",
  },
  subCommands: {
    run,
    build,
    describe,
    boot,
    host,
    hosts,
    ps,
    services,
    replace: replaceCommand,
    kill,
    doctor,
    cert,
    cloud,
  },
});

/** Exit statuses: 0 it ended well, 1 it did not, 2 the command was not understood. */
async function main(argv: readonly string[]): Promise<number> {
  const [command] = argv;
  if (command === undefined || command === "--help" || command === "-h") {
    process.stdout.write(`${await renderUsage(motes)}\n`);
    return command === undefined ? 2 : 0;
  }
  if (command === "--version") {
    process.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const found = named(command);
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(`${await found.usage()}\n`);
    return 0;
  }
  // Run by itself: through its parent its result would not come back.
  const result = await found.execute(argv.slice(1));
  return typeof result === "number" ? result : 0;
}

interface Runnable {
  usage(): Promise<string>;
  execute(rawArgs: string[]): Promise<unknown>;
}

/** Throws `UNKNOWN_COMMAND`. */
function named(command: string): Runnable {
  const known: Readonly<Record<string, Runnable>> = {
    run: runnable(run),
    build: runnable(build),
    describe: runnable(describe),
    boot: runnable(boot),
    host: runnable(host),
    hosts: runnable(hosts),
    ps: runnable(ps),
    services: runnable(services),
    replace: runnable(replaceCommand),
    kill: runnable(kill),
    doctor: runnable(doctor),
    cert: runnable(cert),
    cloud: runnable(cloud),
  };
  const found = Object.hasOwn(known, command) ? known[command] : undefined;
  if (found === undefined) throw srcError("UNKNOWN_COMMAND", { command, known: Object.keys(known) });
  return found;
}

const runnable = <T extends ArgsDef>(command: CommandDef<T>): Runnable => ({
  usage: async () => renderUsage(command),
  execute: async (rawArgs) => (await runCommand(command, { rawArgs })).result,
});

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
