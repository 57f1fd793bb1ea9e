import { defineCommand } from "citty";
import { srcError } from "../errors.ts";
import type { VmInfo } from "../host/hosted.ts";
import { askHost, hostArg } from "./named-host.ts";
import { checkOptions } from "./options.ts";

const args = {
  vm: { type: "positional", description: "The VM, by its number or name", required: false },
  host: hostArg,
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

/** `motes kill <vm>`: ends a VM at once, whatever it does. Its supervisor acts as it does on any end. */
export const kill = defineCommand({
  meta: { name: "kill", description: "End a VM at once" },
  args,
  async run({ args: { vm, host }, rawArgs }) {
    checkOptions(rawArgs, args);
    if (vm === undefined) throw srcError("MISSING_ARGUMENT", { what: "the VM", usage: "motes kill <vm>" });
    const given = /^\d+$/.test(vm) ? Number(vm) : vm;
    // Sound: that is what `hostOperations` answers.
    const killed = (await askHost(host, "kill", [given])) as VmInfo;
    process.stdout.write(`killed VM ${killed.vm} (${killed.name})\n`);
    return 0;
  },
});
