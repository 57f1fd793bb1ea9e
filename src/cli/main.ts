#!/usr/bin/env node
import { defineCommand, renderUsage, runCommand } from "citty";
import { isMotesError } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import { packageVersion } from "./version.ts";
import { run } from "./run.ts";

const commands = { run };

const motes = defineCommand({
  meta: {
    name: "motes",
    version: packageVersion(),
    description: "Typed actors under supervision, in tiny VMs",
  },
  subCommands: commands,
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
  if (!Object.hasOwn(commands, command)) {
    throw srcError("UNKNOWN_COMMAND", { command, known: Object.keys(commands) });
  }
  if (argv.includes("--help") || argv.includes("-h")) {
    process.stdout.write(`${await renderUsage(run)}\n`);
    return 0;
  }
  // Run by itself: through its parent its result would not come back.
  const { result } = await runCommand(run, { rawArgs: argv.slice(1) });
  return typeof result === "number" ? result : 0;
}

const argv = process.argv.slice(2);
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
    ["UNKNOWN_OPTION", "UNKNOWN_COMMAND", "UNKNOWN_TARGET", "MISSING_ARGUMENT"].includes(problem.code);
  process.exitCode = usage ? 2 : 1;
}
