import { constants, accessSync, statfsSync } from "node:fs";
import { access } from "node:fs/promises";
import { availableParallelism, totalmem } from "node:os";
import { delimiter, join } from "node:path";
import { defineCommand } from "citty";
import { isMotesError } from "../../kernel/index.ts";
import { createHost } from "../host/host.ts";
import { qemu } from "../targets/qemu/host.ts";
import { qemuReport } from "../targets/qemu/report.ts";
import type { Target } from "../targets/target.ts";
import { allTargets } from "../host/targets.ts";
import { checkOptions } from "./options.ts";
import { packageVersion } from "./version.ts";

const args = {
  json: { type: "boolean", description: "The findings as JSON" },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

/** One thing that this machine has or lacks. */
interface Finding {
  readonly about: "machine" | "target" | "tool";
  readonly name: string;
  readonly there: boolean;
  /** What it is like, or what to do to get it. */
  readonly text: string;
}

/** Programs that tests and examples use where they are installed, what for, and their Debian package. */
const tools = [
  ["erl", "races against Erlang, and the oracle", "erlang-base"],
  ["nats-server", "hosts over NATS", "nats-server"],
  ["tor", "the Tor example", "tor"],
  ["qemu-system-x86_64", "hardware VMs", "qemu-system-x86"],
] as const;

/** Where Debian keeps what it thinks only root will start. */
const sbin: readonly string[] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** `motes doctor`: what this machine can run, and what to install for the rest. */
export const doctor = defineCommand({
  meta: { name: "doctor", description: "Show what this machine can run, and what to install for the rest" },
  args,
  async run({ args: { json }, rawArgs }) {
    checkOptions(rawArgs, args);
    const findings = await examine(process.env["PATH"] ?? "");
    const text = json === true ? JSON.stringify(findings, null, 2) : page(findings);
    process.stdout.write(`${text}\n`);
    return 0;
  },
});

/** `path`: where to look for programs, as in `PATH`. */
export async function examine(
  path: string,
  tried: readonly Target[] = allTargets,
): Promise<readonly Finding[]> {
  const found: Finding[] = [
    { about: "machine", name: "motes", there: true, text: packageVersion() },
    {
      about: "machine",
      name: "node",
      there: true,
      text: `${process.version}, ${process.platform} ${process.arch}`,
    },
    {
      about: "machine",
      name: "cores",
      there: true,
      text: `${availableParallelism()}, of which each VM that is awake takes one`,
    },
    { about: "machine", name: "memory", there: true, text: mib(totalmem()) },
    sharedMemory(),
    kvm(),
  ];
  for (const target of tried) found.push(await targetFinding(target));
  for (const [name, use, debian] of tools) found.push(await toolFinding(path, name, use, debian));
  return found;
}

/** A host that only starts and stops says what is missing better than any list. */
async function targetFinding(target: Target): Promise<Finding> {
  const { name } = target;
  try {
    await createHost({ target, log: { line: () => {} } }).stop();
    return { about: "target", name, there: true, text: target === qemu ? await qemuReport() : "works here" };
  } catch (problem) {
    if (!isMotesError(problem)) throw problem;
    return { about: "target", name, there: false, text: problem.message };
  }
}

async function toolFinding(path: string, name: string, use: string, debian: string): Promise<Finding> {
  for (const folder of [...path.split(delimiter), ...sbin]) {
    const file = join(folder, name);
    const there = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (there && folder !== "") return { about: "tool", name, there, text: `${file}: for ${use}` };
  }
  return {
    about: "tool",
    name,
    there: false,
    text: `for ${use}: apt-get install ${debian}, or npm run setup`,
  };
}

function sharedMemory(): Finding {
  try {
    const { bavail, bsize } = statfsSync("/dev/shm");
    return {
      about: "machine",
      name: "/dev/shm",
      there: true,
      text: `${mib(bavail * bsize)} free: rings of processes and hardware VMs`,
    };
  } catch {
    return {
      about: "machine",
      name: "/dev/shm",
      there: false,
      text: "VMs as processes need it: Linux has it",
    };
  }
}

function kvm(): Finding {
  try {
    accessSync("/dev/kvm", constants.R_OK | constants.W_OK);
    return {
      about: "machine",
      name: "/dev/kvm",
      there: true,
      text: "is there; whether it runs a kernel is said at the target qemu",
    };
  } catch {
    return {
      about: "machine",
      name: "/dev/kvm",
      there: false,
      text: "hardware VMs are emulated, and slow",
    };
  }
}

const mib = (bytes: number): string => `${Math.round(bytes / 2 ** 20).toLocaleString("en")} MiB`;

function page(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  return findings
    .map(
      ({ about, name, there, text }) =>
        `${about.padEnd(8)} ${there ? "ok" : "--"}  ${name.padEnd(width)}  ${text}`,
    )
    .join("\n");
}
