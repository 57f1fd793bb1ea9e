/** `motes run --host`: a program on a host that runs already, here or joined with one that is. */
import type { RunEnded, RunOrder, RunStarted } from "../control/operations.ts";
import { chooseHost } from "./named-host.ts";
import { onInterrupt } from "./session.ts";

/** Stays until it ends, or asks it to end at Ctrl-C. The exit status. */
export async function runOn(named: string, order: Omit<RunOrder, "host">): Promise<number> {
  const { client, elsewhere, close } = await chooseHost(named);
  const interrupted = onInterrupt();
  try {
    const asked: RunOrder = elsewhere === undefined ? order : { ...order, host: elsewhere };
    // Sound, here and below: that is what `hostOperations` answers.
    const { run, host, vm } = (await client.ask("run", [asked])) as RunStarted;
    process.stdout.write(
      `VM ${vm} of ${host === "" ? named : host} runs; its lines are in that host's log\n`,
    );
    const ended = client.ask("wait", [run]) as Promise<RunEnded>;
    const first = await Promise.race([ended, interrupted.promise]);
    const { reason, orderly } = first ?? ((await client.ask("stop", [run])) as RunEnded);
    if (!orderly) process.stderr.write(`motes: it ended: ${reason}\n`);
    return orderly ? 0 : 1;
  } finally {
    interrupted.stop();
    close();
  }
}
