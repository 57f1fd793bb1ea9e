/**
 * A dust cloud: `node dist/examples/dust/main.js [--vms 10000]`. Three hosts, each a process, hold the motes between them; one is killed, and
 * comes back. Exit status: 0 all of it was as promised, 1 it was not, 2 the command line was not understood.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Machines } from "./machines.ts";
import { Story } from "./story.ts";

const began = performance.now();
const sinceStart = (): number => performance.now() - began;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const say = (text: string): void =>
  void process.stdout.write(`${seconds(sinceStart()).padStart(8)}  ${text}\n`);

async function show(machines: Machines, story: Story, vms: number): Promise<boolean> {
  await machines.startStore();
  const cloud = fileURLToPath(new URL("../../../examples/dust/cloud.ts", import.meta.url));
  machines.start("b", "join", "dust");
  machines.start("c", "join", "dust");
  await Promise.race(["b", "c"].map((host) => story.when("host_up", 0, host)));
  machines.start("a", "up", cloud);
  const declaredMs = await story.when("declared", 0);
  const upMs = (await story.when("converged", declaredMs)) - declaredMs;
  say(`${vms} motes are up after ${seconds(upMs)}; ${Math.round(machines.memoryMb)} MB in all`);

  // One that does not lead: the next leader would say nothing of how long it took to notice.
  const victim = story.leader === "c" ? "b" : "c";
  const killedMs = sinceStart();
  await machines.kill(victim);
  say(`${victim} was killed`);
  const noticedMs = await story.when("host_lost", killedMs, victim);
  const healedMs = (await story.when("converged", noticedMs)) - noticedMs;
  say(
    `all are there again ${seconds(healedMs)} after it was noticed, which took ${seconds(noticedMs - killedMs)}`,
  );

  machines.start(victim, "join", "dust");
  await story.when("host_up", noticedMs, victim);
  const status = JSON.parse(await machines.ask("status", "a")) as {
    readonly roles: readonly { readonly running: number }[];
  };
  const running = status.roles.reduce((sum, role) => sum + role.running, 0);
  say(`${running} run, and ${Math.round(machines.memoryMb)} MB hold them`);
  await machines.ask("down", "a");
  say("down");
  // Some are always being made anew.
  const isThere = running >= 0.9 * vms;
  const all = [
    [isThere, "all motes run, on three hosts again"],
    [upMs <= 60_000, "they were up within 60 s"],
    [healedMs <= 30_000, "those of the host that was killed were there again within 30 s"],
  ] as const;
  for (const [ok, what] of all) process.stdout.write(`  ${ok ? "ok" : "NO"}  ${what}\n`);
  return all.every(([ok]) => ok);
}

async function main(): Promise<number> {
  let vms: number;
  try {
    const { values } = parseArgs({ options: { vms: { type: "string", default: "10000" } } });
    vms = Number(values.vms);
    if (!Number.isSafeInteger(vms) || vms < 3)
      throw new Error(`--vms: expected 3 or more, got ${values.vms}`);
  } catch (problem) {
    process.stderr.write(`${(problem as Error).message}\nnode dist/examples/dust/main.js [--vms 10000]\n`);
    return 2;
  }
  process.env["DUST_VMS"] = String(vms);
  const story = new Story(sinceStart);
  const machines = new Machines(
    (host, event) => {
      if (event.type === "host_up") say(`host ${event.host} is there`);
      if (event.type === "host_lost") say(`host ${event.host} is given up, with ${event.vms} motes`);
      story.hear(host, event);
    },
    (problem) => story.fail(problem),
  );
  try {
    return (await show(machines, story, vms)) ? 0 : 1;
  } catch (problem) {
    const missing = (problem as NodeJS.ErrnoException).syscall === "spawn nats-server";
    process.stderr.write(missing ? "nats-server is not installed: npm run setup\n" : `${String(problem)}\n`);
    return 1;
  } finally {
    await machines.close();
  }
}

process.exitCode = await main();
