import { Journal } from "./journal.ts";
import { Load, type Failure } from "./load.ts";
import { bold, counted, fact, green, heading, many, ms, red, say, table } from "./print.ts";
import { race } from "./race.ts";
import { hostname, keysOfShards, shards, startService, type Service } from "./service.ts";
import type { Step } from "./step.ts";
import { sayTree, shardId, Tree } from "./tree.ts";
import { show, type Verdict } from "./verdict.ts";

const keysPerShard = 25;

const steps: readonly Step[] = [
  {
    title: "1. An actor crashes: the store of shard-1 meets a bug",
    name: "an actor crashes",
    shard: 1,
    path: "shard-1/store",
    keeps: true,
    strike: ({ host }, store) => host.self.cast(store, "crash"),
  },
  {
    title: "2. A whole VM is killed: shard-2",
    name: "a VM is killed",
    shard: 2,
    path: "shard-2",
    keeps: false,
    strike: ({ host }, store) => host.kill(store.vm),
  },
  {
    title: "3. A VM hangs: the store of shard-3 loops for ever; its watchdog waits 1 s",
    name: "a VM hangs",
    shard: 3,
    path: "shard-3",
    keeps: false,
    strike: ({ host }, store) => host.self.cast(store, "wedge"),
  },
];

/** True if everything healed, and nothing is left. */
export async function tour(): Promise<boolean> {
  const startMs = performance.now();
  const journal = new Journal();
  const service = await startService(journal, 0);
  const { host, vm, bundledMs, readyMs } = service;
  const tree = new Tree(host, vm.root);
  const places = await tree.look();
  const vms = new Set(places.map((place) => place.vm)).size + 1;
  say(bold(`motes: a key-value service as one supervision tree over ${vms} VMs`));
  sayTree(places, vm.vm);
  fact("started in", `${ms(readyMs)}, after ${ms(bundledMs)} to bundle its program`);

  const keysOf = await keysOfShards("kept", keysPerShard);
  const load = new Load(`http://${hostname}:${service.port}`, await keysOfShards("load", keysPerShard));
  fact("asked", `by ${shards} HTTP clients, one for each shard, without a pause from here on`);
  const verdicts: Verdict[] = [];
  for (const step of steps) verdicts.push(await show({ service, tree, load, journal, keysOf }, step));
  await load.stop();
  const stopped = await stop(service);

  heading("4. Ping-pong: two actors, one message in flight");
  await race();

  heading("In sum");
  saySum(verdicts);
  sayRequests(load, verdicts);
  fact("left behind", stopped.text);
  const ok = stopped.ok && verdicts.every((verdict) => verdict.ok) && explained(load, verdicts);
  fact("all of it", `${ms(performance.now() - startMs)}`);
  say();
  say(ok ? green("All of it healed. Goodbye.") : red("Something did not go as it should: see NO above."));
  return ok;
}

async function stop({ host }: Service): Promise<{ readonly ok: boolean; readonly text: string }> {
  const startMs = performance.now();
  await host.stop();
  const { vms, timers, calls, bonds } = host.holds;
  const text = [counted(vms, "VM"), counted(timers, "timer"), counted(calls, "call"), counted(bonds, "bond")];
  return {
    ok: vms + timers + calls + bonds === 0,
    text: `${text.join(", ")} (stopped in ${ms(performance.now() - startMs)})`,
  };
}

function saySum(verdicts: readonly Verdict[]): void {
  table([
    ["", "where", "back", "answering", "failed there", "ok elsewhere", "failed elsewhere"],
    ...verdicts.map(({ observed, othersOk, othersFailed }) => [
      observed.step.name,
      observed.step.path,
      ms(observed.backMs),
      ms(observed.servedMs),
      many(observed.tallies[observed.step.shard]?.failed ?? 0),
      many(othersOk),
      many(othersFailed),
    ]),
  ]);
}

function sayRequests({ sent, failures }: Load, verdicts: readonly Verdict[]): void {
  const why = new Map<string, number>();
  for (const failure of failures) {
    const text = `${shardId(failure.shard)}: ${failure.why}`;
    why.set(text, (why.get(text) ?? 0) + 1);
  }
  const all = counted(sent, "request");
  if (failures.length === 0) return fact("requests", `${all}, none failed`);
  const away = unexplained(failures, verdicts) === 0 ? ", each for a shard that was away" : "";
  fact("requests", `${all}, ${many(failures.length)} failed${away}:`);
  for (const [text, count] of why) fact("", `${many(count)} x ${text}`);
}

const explained = ({ failures }: Load, verdicts: readonly Verdict[]): boolean =>
  unexplained(failures, verdicts) === 0;

/** Failures outside every outage, or for another shard. */
function unexplained(failures: readonly Failure[], verdicts: readonly Verdict[]): number {
  return failures.filter(
    ({ shard, atMs }) =>
      !verdicts.some(
        ({ observed: { step, startMs, servedMs } }) =>
          step.shard === shard && atMs >= startMs && atMs <= startMs + servedMs,
      ),
  ).length;
}
