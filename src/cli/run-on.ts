/** `motes run --host`: a program on a host that runs already, here or joined with one that is. */
import type { RunEnded, RunOrder, RunStarted } from "../control/operations.ts";
import type { HostLog } from "../observe/log.ts";
import { follow } from "./follow.ts";
import { chooseHost } from "./named-host.ts";
import { onInterrupt } from "./session.ts";

/** Stays until it ends, or asks it to end at Ctrl-C, and writes what it says into `log`. The exit status. */
export async function runOn(named: string, order: Omit<RunOrder, "host">, log: HostLog): Promise<number> {
  const { client, elsewhere, ask, close } = await chooseHost(named);
  const interrupted = onInterrupt();
  try {
    const asked: RunOrder = elsewhere === undefined ? order : { ...order, host: elsewhere };
    // Sound, here and below: that is what `hostOperations` answers.
    const { run, host, vm } = (await client.ask("run", [asked])) as RunStarted;
    log.line("motes", { level: "info", text: `VM ${vm} of ${host === "" ? named : host} runs` });
    // What it says is worth less than how it ends.
    const following = ask("follow", [vm])
      .then((follower) => follow(ask, follower, log))
      .catch((problem: unknown) => {
        log.line("motes", { level: "warn", text: `its lines cannot be shown: ${String(problem)}` });
      });
    const ended = client.ask("wait", [run]) as Promise<RunEnded>;
    const first = await Promise.race([ended, interrupted.promise]);
    const { reason, orderly } = first ?? ((await client.ask("stop", [run])) as RunEnded);
    await following;
    if (!orderly) process.stderr.write(`motes: it ended: ${reason}\n`);
    return orderly ? 0 : 1;
  } finally {
    interrupted.stop();
    close();
  }
}
