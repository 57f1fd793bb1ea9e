import { resolve } from "node:path";
import { defineCommand } from "citty";
import type { ReplaceResult } from "../../supervisors/index.ts";
import { srcError } from "../errors.ts";
import { askHost, hostArg } from "./named-host.ts";
import { checkOptions } from "./options.ts";
import { table } from "./table.ts";

const args = {
  service: { type: "positional", description: "The service, by its label", required: false },
  file: { type: "positional", description: "The new version: a .mote file, or a program", required: false },
  host: hostArg,
  force: { type: "boolean", description: "Also if the new version lacks operations of the present one" },
  json: { type: "boolean", description: "The report as JSON" },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

/** `motes replace <service> new.mote`: the VMs of a service by those of a new version, without a message lost. */
export const replaceCommand = defineCommand({
  meta: { name: "replace", description: "Replace the VMs of a service by a new version" },
  args,
  async run({ args: { service, file, host, force, json }, rawArgs }) {
    checkOptions(rawArgs, args);
    if (service === undefined || file === undefined)
      throw srcError("MISSING_ARGUMENT", {
        what: service === undefined ? "the service" : "the new version's file",
        usage: "motes replace <service> new.mote",
      });
    const order = { service, file: resolve(file), force: force === true };
    // Sound: that is what `hostOperations` answers.
    const result = (await askHost(host, "replace", [order])) as ReplaceResult;
    if (json === true) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    else process.stdout.write(`${page(service, result)}\n`);
    return result.ok ? 0 : 1;
  },
});

function page(service: string, result: ReplaceResult): string {
  const steps = table(
    ["step", "vm", "ms"],
    result.steps.map(({ step, vm, durationMs }) => [step, vm === 0 ? "" : String(vm), durationMs.toFixed(1)]),
  );
  const end = result.ok
    ? `${service} is replaced, in ${result.durationMs.toFixed(1)} ms`
    : `${service} serves as before: ${result.error}: ${result.message}`;
  return `${steps}\n${end}`;
}
