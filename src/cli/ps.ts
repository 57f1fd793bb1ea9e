import { defineCommand } from "citty";
import type { VmInfo } from "../host/hosted.ts";
import { askHost, hostArg } from "./named-host.ts";
import { checkOptions } from "./options.ts";
import { table } from "./table.ts";

const args = {
  host: hostArg,
  json: { type: "boolean", description: "The VMs as JSON" },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

/** `motes ps`: the VMs of a host that runs. */
export const ps = defineCommand({
  meta: { name: "ps", description: "List the VMs of a host that runs" },
  args,
  async run({ args: { host, json }, rawArgs }) {
    checkOptions(rawArgs, args);
    // Sound: that is what `hostOperations` answers.
    const vms = (await askHost(host, "ps")) as readonly VmInfo[];
    process.stdout.write(`${json === true ? JSON.stringify(vms, null, 2) : page(vms, Date.now())}\n`);
    return 0;
  },
});

const page = (vms: readonly VmInfo[], nowMs: number): string =>
  table(
    ["vm", "name", "target", "state", "memory", "age", "booted by", "image"],
    vms.map((vm) => [
      String(vm.vm),
      vm.name,
      vm.target,
      vm.state,
      `${vm.memoryMb} MiB`,
      age(nowMs - vm.bootedAtMs),
      booter(vm),
      vm.image,
    ]),
  );

const booter = ({ owner, ownerHost }: VmInfo): string => {
  if (ownerHost !== "") return `${ownerHost}.${owner}`;
  return owner === 0 ? "host" : String(owner);
};

/** For people: the largest unit that fits. */
export function age(ms: number): string {
  const units = [
    ["d", 86_400_000],
    ["h", 3_600_000],
    ["min", 60_000],
    ["s", 1000],
  ] as const;
  const [unit, size] = units.find(([, each]) => ms >= each) ?? ["ms", 1];
  return `${Math.floor(Math.max(0, ms) / size)} ${unit}`;
}
