import { defineCommand } from "citty";
import { srcError } from "../errors.ts";
import { simulate } from "./cloud/simulate.ts";
import { checkOptions } from "./options.ts";

const args = {
  action: { type: "positional", description: "simulate", required: false },
  file: { type: "positional", description: "The cloud's file", required: false },
  hosts: { type: "string", description: "simulate: how many hosts. Default: 10" },
  vms: {
    type: "string",
    description: "simulate: VMs in all; roles grow or shrink alike. Default: as declared",
  },
  seed: { type: "string", description: "simulate: what decides all that is left to chance. Default: 1" },
  json: { type: "boolean", description: "The answer as JSON" },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

const usage = "motes cloud simulate cloud.ts";

/** `motes cloud <action> cloud.ts`: a set of VMs that is kept true. */
export const cloud = defineCommand({
  meta: { name: "cloud", description: "Try out clouds: many VMs over many hosts" },
  args,
  async run({ args: { action, file, hosts, vms, seed, json }, rawArgs }) {
    checkOptions(rawArgs, args);
    if (action === undefined) throw srcError("MISSING_ARGUMENT", { what: "what to do", usage });
    if (action === "simulate") {
      if (file === undefined) throw srcError("MISSING_ARGUMENT", { what: "the cloud's file", usage });
      return simulate({ file, hosts, vms, seed, json: json === true });
    }
    throw srcError("UNKNOWN_COMMAND", { command: `cloud ${action}`, known: ["cloud simulate"] });
  },
});
