import { defineCommand } from "citty";
import { srcError } from "../errors.ts";
import { checkBootable, parseDevices } from "../image/devices.ts";
import { bootable, openImage } from "../image/open.ts";
import { namedTarget, targetNames } from "./named-target.ts";
import { checkOptions } from "./options.ts";
import { session, sessionArgs } from "./session.ts";

const args = {
  file: { type: "positional", description: "The image: a .mote file", required: false },
  target: { type: "string", description: `What a VM is: ${targetNames}`, default: "isolate" },
  allow: { type: "string", description: "The devices it may have: --allow listen,connect", default: "" },
  ...sessionArgs,
} as const;

/** `motes boot app.mote`: boots a sealed image with the devices that are granted, and stays until it ends or Ctrl-C. */
export const boot = defineCommand({
  meta: { name: "boot", description: "Boot a sealed image" },
  args,
  async run({ args: { file, target: name, allow, json, development, vms, warm }, rawArgs }) {
    checkOptions(rawArgs, args);
    if (file === undefined)
      throw srcError("MISSING_ARGUMENT", { what: "the image's file", usage: "motes boot app.mote" });
    const granted = parseDevices(allow);
    const target = namedTarget(name);
    const opened = await openImage(file);
    checkBootable(opened.contents, { path: file, target, granted });
    return session(bootable(opened), {
      target,
      json: json === true,
      development: development === true,
      vms,
      warm,
    });
  },
});
