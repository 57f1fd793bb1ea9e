/**
 * The state of a machine's devices, written to a file and read from it. Its memory is never part of that: it is in a file
 * already. `docs/devel/migration.rst` of QEMU.
 */
import { isObject } from "../protocol.ts";
import { machineFd } from "./command-line.ts";
import type { StartedMachine } from "./machine.ts";
import { Monitor } from "./monitor.ts";

/**
 * Of a machine that runs, and has no more to do afterwards. It is not stopped by hand: what goes on from there would be, too. By a
 * program, since QEMU sends to a descriptor only if it got that by its monitor.
 */
export async function saveState(machine: StartedMachine, path: string): Promise<void> {
  const monitor = await opened(machine);
  await monitor.command("migrate", { uri: `exec:cat > '${path.replaceAll("'", "'\\''")}'` });
  for (;;) {
    const found = await monitor.command("query-migrate");
    const status = isObject(found) ? found["status"] : undefined;
    if (status === "completed") return;
    if (status === "failed" || status === "cancelled")
      throw new Error(`QEMU could not take a snapshot: ${JSON.stringify(found)}`);
  }
}

/** Resolves when the machine goes on from there. */
export async function loadState(machine: StartedMachine): Promise<void> {
  const monitor = await opened(machine);
  const resumed = monitor.event("RESUME");
  await Promise.all([resumed, monitor.command("migrate-incoming", { uri: `fd:${machineFd.state}` })]);
}

async function opened({ monitor: socket }: StartedMachine): Promise<Monitor> {
  if (socket === undefined) throw new Error("a machine of which there are snapshots has a monitor");
  const monitor = new Monitor(socket);
  await monitor.command("qmp_capabilities");
  await monitor.command("migrate-set-capabilities", {
    capabilities: [{ capability: "x-ignore-shared", state: true }],
  });
  return monitor;
}
