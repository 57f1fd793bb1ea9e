import { defineCommand } from "citty";
import pino from "pino";
import { isOrderly, type ExitReason } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import { createHost, type Host } from "../host/host.ts";
import { bundle } from "../image/bundle.ts";
import type { AnyImage } from "../image/image.ts";
import { pinoLog, type HostLog } from "../observe/log.ts";
import { prettyLines } from "../observe/pretty.ts";
import { namedTarget, targetNames } from "./named-target.ts";
import { checkOptions } from "./options.ts";

const args = {
  file: {
    type: "positional",
    description: "The program: a module whose default export is a unikernel",
    required: false,
  },
  target: { type: "string", description: `What a VM is: ${targetNames}`, default: "isolate" },
  json: { type: "boolean", description: "Log as JSON lines" },
  development: {
    type: "boolean",
    description: "Freeze messages, so that changing one after it was sent throws",
  },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

/** `motes run app.ts`: bundles a program in memory, boots it, and stays until it ends or Ctrl-C. */
export const run = defineCommand({
  meta: { name: "run", description: "Bundle a program and boot it" },
  args,
  async run({ args: given, rawArgs }) {
    checkOptions(rawArgs, args);
    const { file } = given;
    if (file === undefined)
      throw srcError("MISSING_ARGUMENT", { what: "the program's file", usage: "motes run app.ts" });
    const target = namedTarget(given.target);
    const image = await bundle(file);
    const host = createHost({
      target,
      log: terminalLog(given.json === true),
      development: given.development === true,
    });
    // From here on, so that Ctrl-C during the boot stops cleanly too.
    const interrupted = onInterrupt();
    try {
      const reason = await Promise.race([boot(host, image), interrupted.promise]);
      return reason === undefined || isOrderly(reason) ? 0 : 1;
    } finally {
      interrupted.stop();
      await host.stop();
    }
  },
});

/** Boots, and waits for the end of the VM: its reason. */
async function boot(host: Host, image: AnyImage): Promise<ExitReason> {
  const vm = await host.boot(image);
  return vm.ended;
}

function terminalLog(json: boolean): HostLog {
  if (json) return pinoLog(pino({ base: null }, pino.destination({ fd: 1, sync: true })));
  return pinoLog(
    pino(
      { base: null },
      prettyLines(process.stdout, process.stdout.isTTY && process.env["NO_COLOR"] === undefined),
    ),
  );
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process as usual. */
function onInterrupt(): { readonly promise: Promise<undefined>; stop(): void } {
  let stop = (): void => {};
  const promise = new Promise<undefined>((resolve) => {
    const listener = (): void => {
      stop();
      resolve(undefined);
    };
    stop = () => {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
    };
    process.on("SIGINT", listener);
    process.on("SIGTERM", listener);
  });
  return { promise, stop: () => stop() };
}
