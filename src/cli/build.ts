import { writeFile } from "node:fs/promises";
import { basename, extname } from "node:path";
import { defineCommand } from "citty";
import { srcError } from "../errors.ts";
import { buildImage } from "../image/build.ts";
import { keyArg, keysIn } from "./key-option.ts";
import { checkOptions } from "./options.ts";

const args = {
  file: {
    type: "positional",
    description: "The program: a module whose default export is a unikernel",
    required: false,
  },
  out: {
    type: "string",
    alias: "o",
    description: "The file to write. Default: the program's name with .mote, in this folder",
  },
  key: keyArg,
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

/** `motes build app.ts -o app.mote`: seals a program into one file. */
export const build = defineCommand({
  meta: { name: "build", description: "Seal a program into one file" },
  args,
  async run({ args: { file, out }, rawArgs }) {
    checkOptions(rawArgs, args);
    if (file === undefined)
      throw srcError("MISSING_ARGUMENT", {
        what: "the program's file",
        usage: "motes build app.ts -o app.mote",
      });
    const { bytes, manifest } = await buildImage(file, keysIn(rawArgs));
    const to = out ?? `${basename(file, extname(file))}.mote`;
    try {
      await writeFile(to, bytes);
    } catch (problem) {
      throw srcError("IMAGE_NOT_WRITTEN", { path: to, why: String(problem) }, problem);
    }
    const needs = manifest.devices.join(", ") || "no devices";
    process.stdout.write(`${to}: ${bytes.length.toLocaleString("en")} bytes, needs ${needs}\n`);
    return 0;
  },
});
