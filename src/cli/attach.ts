import { defineCommand } from "citty";
import { srcError } from "../errors.ts";
import { follow } from "./follow.ts";
import { chooseHost, hostArg } from "./named-host.ts";
import { checkOptions } from "./options.ts";
import { onInterrupt, terminalLog } from "./session.ts";

const args = {
  vm: { type: "positional", description: "The VM, by its number or name", required: false },
  host: hostArg,
  json: { type: "boolean", description: "Lines as JSON" },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

/** `motes attach <vm>`: prints what it, and the VMs that it boots, write into their host's log, until it ends or Ctrl-C. */
export const attach = defineCommand({
  meta: { name: "attach", description: "Print what a VM, and those that it boots, write into the log" },
  args,
  async run({ args: { vm, host, json }, rawArgs }) {
    checkOptions(rawArgs, args);
    if (vm === undefined) throw srcError("MISSING_ARGUMENT", { what: "the VM", usage: "motes attach <vm>" });
    const { ask, close } = await chooseHost(host);
    const interrupted = onInterrupt();
    try {
      const follower = await ask("follow", [/^\d+$/.test(vm) ? Number(vm) : vm]);
      const log = terminalLog(json === true);
      log.line("motes", { level: "info", text: `attached to the VM ${vm}` });
      const ended = await Promise.race([follow(ask, follower, log), interrupted.promise]);
      if (ended === undefined || ended.orderly) return 0;
      process.stderr.write(`motes: it ended: ${ended.reason}\n`);
      return 1;
    } finally {
      interrupted.stop();
      close();
    }
  },
});
