import { defineCommand } from "citty";
import { reachAll } from "./named-host.ts";
import { checkOptions } from "./options.ts";
import { age } from "./ps.ts";
import { table } from "./table.ts";

const args = {
  json: { type: "boolean", description: "The hosts as JSON" },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

/** `motes hosts`: the hosts of this user that run on this machine, and whom they have joined. */
export const hosts = defineCommand({
  meta: { name: "hosts", description: "List the hosts that run" },
  args,
  async run({ args: { json }, rawArgs }) {
    checkOptions(rawArgs, args);
    const all = await reachAll();
    for (const { client } of all) client.close();
    const abouts = all.map(({ about }) => about);
    const text =
      json === true
        ? JSON.stringify(abouts, null, 2)
        : table(
            ["host", "pid", "vms", "age", "joined with"],
            abouts.map(({ name, pid, vms, startedAtMs, joined }) => [
              name,
              String(pid),
              String(vms),
              age(Date.now() - startedAtMs),
              joined.map((each) => each.name).join(", "),
            ]),
          );
    process.stdout.write(`${text}\n`);
    return 0;
  },
});
