import { defineCommand } from "citty";
import { srcError } from "../errors.ts";
import { runnable } from "../image/run.ts";
import { keyArg, keysIn } from "./key-option.ts";
import { namedTarget, targetNames } from "./named-target.ts";
import { checkOptions } from "./options.ts";
import { session, sessionArgs } from "./session.ts";

const args = {
  file: {
    type: "positional",
    description: "The program: a module whose default export is a unikernel",
    required: false,
  },
  key: keyArg,
  target: { type: "string", description: `What a VM is: ${targetNames}`, default: "isolate" },
  ...sessionArgs,
} as const;

/** `motes run app.ts`: bundles a program in memory, boots it with what it declares, and stays until it ends or Ctrl-C. */
export const run = defineCommand({
  meta: { name: "run", description: "Bundle a program and boot it" },
  args,
  async run({ args: { file, target: name, json, development, vms, warm }, rawArgs }) {
    checkOptions(rawArgs, args);
    if (file === undefined)
      throw srcError("MISSING_ARGUMENT", { what: "the program's file", usage: "motes run app.ts" });
    const target = namedTarget(name);
    const image = await runnable(file, keysIn(rawArgs));
    return session(image, { target, json: json === true, development: development === true, vms, warm });
  },
});
