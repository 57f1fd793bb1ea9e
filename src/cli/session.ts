/** A host for one program at a terminal: boots it, and stays until it ends or Ctrl-C. */
import pino from "pino";
import { isOrderly, type ExitReason } from "../../kernel/index.ts";
import { hostOperations } from "../control/operations.ts";
import { controlFolder } from "../control/place.ts";
import { ControlServer } from "../control/server.ts";
import { createHost, type Host } from "../host/host.ts";
import type { AnyImage } from "../image/image.ts";
import { pinoLog, type HostLog } from "../observe/log.ts";
import { prettyLines } from "../observe/pretty.ts";
import type { Target } from "../targets/target.ts";
import { endOnBrokenPipe } from "./broken-pipe.ts";

/** What `run` and `boot` have in common. */
export const sessionArgs = {
  json: { type: "boolean", description: "Log as JSON lines" },
  development: {
    type: "boolean",
    description: "Freeze messages, so that changing one after it was sent throws",
  },
  vms: {
    type: "string",
    description: "VMs that the program may boot and have at a time. Default: what the host can hold",
  },
  warm: { type: "string", description: "Blank VMs to keep ready, so that boots are faster. Default: none" },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

export interface SessionOptions {
  readonly target: Target;
  readonly json: boolean;
  readonly development: boolean;
  /** As they were typed. */
  readonly vms: string | undefined;
  readonly warm: string | undefined;
}

/** The exit status: 0 if it ended in order or by Ctrl-C. */
export async function session(
  image: AnyImage,
  { target, json, development, vms, warm }: SessionOptions,
): Promise<number> {
  const log = terminalLog(json);
  const blanks = warm === undefined ? {} : { warm: { vms: Number(warm) } };
  const host = createHost({ target, log, development, ...blanks });
  const control = await openControl(host, image.name, log);
  // From here on, so that Ctrl-C during the boot stops cleanly too.
  const interrupted = onInterrupt();
  try {
    const reason = await Promise.race([boot(host, image, vms), interrupted.promise]);
    return reason === undefined || isOrderly(reason) ? 0 : 1;
  } finally {
    interrupted.stop();
    await control?.close();
    await host.stop();
  }
}

/** So that `motes ps` and the like find it. A host that cannot be asked still does its work. */
export async function openControl(
  host: Host,
  name: string,
  log: HostLog,
): Promise<ControlServer | undefined> {
  try {
    return await ControlServer.open(controlFolder(process.env), hostOperations(host, name));
  } catch (problem) {
    log.line("host", { level: "warn", text: problem instanceof Error ? problem.message : String(problem) });
    return undefined;
  }
}

/** Boots, and waits for the end of the VM: its reason. */
async function boot(host: Host, image: AnyImage, vms: string | undefined): Promise<ExitReason> {
  const vm = await host.boot(image, vms === undefined ? {} : { vmsMax: Number(vms) });
  return vm.ended;
}

export function terminalLog(json: boolean): HostLog {
  if (json) {
    const output = pino.destination({ fd: 1, sync: true });
    endOnBrokenPipe(output);
    return pinoLog(pino({ base: null }, output));
  }
  return pinoLog(
    pino(
      { base: null },
      prettyLines(process.stdout, process.stdout.isTTY && process.env["NO_COLOR"] === undefined),
    ),
  );
}

/** Resolves at the first Ctrl-C or SIGTERM; a second one ends the process as usual. */
export function onInterrupt(): { readonly promise: Promise<undefined>; stop(): void } {
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
