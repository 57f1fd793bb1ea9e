import { resolve } from "node:path";
import { defineCommand } from "citty";
import { srcError } from "../errors.ts";
import { runnable } from "../image/run.ts";
import { keyArg, keysIn } from "./key-option.ts";
import { namedTarget, targetNames } from "./named-target.ts";
import { checkOptions } from "./options.ts";
import { runOn } from "./run-on.ts";
import { session, sessionArgs, terminalLog } from "./session.ts";

const args = {
  file: {
    type: "positional",
    description: "The program: a module whose default export is a unikernel",
    required: false,
  },
  key: keyArg,
  target: {
    type: "string",
    description: `What a VM is: ${targetNames}. Default: isolate, or what the host's are`,
  },
  host: {
    type: "string",
    description:
      "A host that runs already: here, or joined with one that does. Default: a new one, for this program",
  },
  ...sessionArgs,
} as const;

/** `motes run app.ts`: bundles a program in memory, boots it with what it declares, and stays until it ends or Ctrl-C. */
export const run = defineCommand({
  meta: { name: "run", description: "Bundle a program and boot it" },
  args,
  async run({ args: { file, host, target: name, json, development, vms, warm }, rawArgs }) {
    checkOptions(rawArgs, args);
    if (file === undefined)
      throw srcError("MISSING_ARGUMENT", { what: "the program's file", usage: "motes run app.ts" });
    const target = namedTarget(name ?? "isolate");
    if (host !== undefined)
      return runOn(
        host,
        {
          file: resolve(file),
          keys: keysIn(rawArgs),
          ...(name === undefined ? {} : { target: name }),
          ...(vms === undefined ? {} : { vmsMax: Number(vms) }),
        },
        terminalLog(json === true),
      );
    const image = await runnable(file, keysIn(rawArgs));
    return session(image, { target, json: json === true, development: development === true, vms, warm });
  },
});
