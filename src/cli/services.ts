import { defineCommand } from "citty";
import type { ServiceInfo } from "../control/services.ts";
import { askHost, hostArg } from "./named-host.ts";
import { checkOptions } from "./options.ts";
import { table } from "./table.ts";

const args = {
  host: hostArg,
  json: { type: "boolean", description: "The services as JSON" },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

/** `motes services`: the services of a host, and how they do. */
export const services = defineCommand({
  meta: { name: "services", description: "List the services of a host that runs" },
  args,
  async run({ args: { host, json }, rawArgs }) {
    checkOptions(rawArgs, args);
    // Sound: that is what `hostOperations` answers.
    const all = (await askHost(host, "services")) as readonly ServiceInfo[];
    process.stdout.write(`${json === true ? JSON.stringify(all, null, 2) : page(all)}\n`);
    return 0;
  },
});

const page = (all: readonly ServiceInfo[]): string =>
  table(
    ["service", "in vm", "vms", "wanted", "booting", "waiting", "calls under way"],
    all.map(({ label, home, vms, wanted, booting, waiting }) => [
      label,
      String(home),
      vms.map(({ vm }) => vm).join(",") || "none",
      String(wanted),
      String(booting),
      String(waiting),
      String(vms.reduce((sum, { outstanding }) => sum + outstanding, 0)),
    ]),
  );
