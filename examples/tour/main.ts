/** `npm start`: a bounded tour of motes. Starts the key-value service, breaks it in three ways, and shows what heals, and how fast. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  bundle,
  createHost,
  type Host,
  type HostLog,
  type ProtocolOf,
  type Ref,
  type RunningVm,
} from "motes";
import type app from "../kv/app.ts";
import type { kv } from "../kv/app.ts";
import type { Shard, Store } from "../kv/shard.ts";
import { placement } from "../kv/placement.ts";
import { Load, type Tally } from "./load.ts";
import { bold, dim, green, heading, many, ms, red, say } from "./print.ts";
import { race } from "./race.ts";
import { look, lookForNew, restarted, type Place } from "./tree.ts";

const shards = 4;
const keysPerShard = 25;
const backLimitMs = 8000;
/** Requests go on for so long after each step, so that its figures say something. */
const loadMs = 700;

type Kv = ProtocolOf<typeof kv>;

interface Step {
  readonly title: string;
  readonly shard: number;
  /** What must come back as another incarnation. */
  readonly path: string;
  /** True if the keys of the shard are kept. */
  readonly keeps: boolean;
  readonly strike: (store: Ref<Store>) => void;
}

class Tour {
  private readonly host: Host;
  private readonly vm: RunningVm<Kv>;
  private readonly load: Load;
  private readonly keysOf: readonly (readonly string[])[];
  private ok = true;
  private failed = 0;

  constructor(host: Host, vm: RunningVm<Kv>, load: Load, keysOf: readonly (readonly string[])[]) {
    this.host = host;
    this.vm = vm;
    this.load = load;
    this.keysOf = keysOf;
  }

  async all(): Promise<boolean> {
    const { self } = this.host;
    await this.step({
      title: "An actor crashes: the store of shard-1 has a bug",
      shard: 1,
      path: "shard-1/store",
      keeps: true,
      strike: (store) => self.cast(store, "crash"),
    });
    await this.step({
      title: "A VM is killed: all of shard-2",
      shard: 2,
      path: "shard-2",
      keeps: false,
      strike: (store) => self.cast(self.host, "kill", store.vm),
    });
    await this.step({
      title: "A VM hangs: the store of shard-3 loops for ever, its watchdog waits 1 s",
      shard: 3,
      path: "shard-3",
      keeps: false,
      strike: (store) => self.cast(store, "wedge"),
    });
    return this.ok;
  }

  /** Failed requests so far. */
  get failures(): number {
    return this.failed;
  }

  private async step({ title, shard, path, keeps, strike }: Step): Promise<void> {
    heading(title);
    const { host, vm, load } = this;
    const before = await look(host, vm.root);
    const store = await this.storeOf(shard);
    const marked = await this.mark();
    load.take();
    const startMs = performance.now();
    strike(store);
    const after = await lookForNew(host, vm.root, before, path, backLimitMs);
    const backMs = performance.now() - startMs;
    if (after === undefined) return this.check(false, `${path} did not come back within ${backLimitMs} ms`);
    const again = restarted(before, after);
    say(`  restarted      ${names(again)} ${dim(`(${after.length - again.length} others went on)`)}`);
    say(`  back after     ${bold(ms(backMs))}`);
    await host.self.sleep(loadMs);
    this.requests(load.take(), shard);
    this.check(
      again.every((place) => place.path.startsWith(`shard-${shard}`)),
      "nothing outside the shard was restarted",
    );
    const kept = await this.kept(marked);
    const lost = kept.flatMap((all, index) => (all ? [] : [`shard-${index}`]));
    const expected = keeps ? [] : [`shard-${shard}`];
    this.check(
      lost.join() === expected.join(),
      keeps ? "no key was lost" : `the keys of shard-${shard} are gone with its VM, and only those`,
    );
  }

  private requests(tallies: readonly Tally[], shard: number): void {
    const own = tallies[shard];
    const others = tallies.filter((_, index) => index !== shard);
    const ok = others.reduce((sum, tally) => sum + tally.ok, 0);
    const failed = others.reduce((sum, tally) => sum + tally.failed, 0);
    this.failed += failed + (own?.failed ?? 0);
    say(`  its requests   ${many(own?.ok ?? 0)} ok, ${many(own?.failed ?? 0)} refused while it was away`);
    say(`  the others'    ${many(ok)} ok, ${many(failed)} failed`);
    this.check(ok > 0 && failed === 0, "requests to the other shards kept succeeding");
  }

  /** A key of its own on each shard. */
  private async mark(): Promise<readonly string[]> {
    const marked = this.keysOf.map((keys) => keys[0] ?? "");
    for (const key of marked) await this.load.ask("PUT", key, "kept");
    return marked;
  }

  private async kept(marked: readonly string[]): Promise<readonly boolean[]> {
    const answers: boolean[] = [];
    for (const key of marked) answers.push((await this.load.ask("GET", key)).body === "kept");
    return answers;
  }

  private async storeOf(shard: number): Promise<Ref<Store>> {
    const { self } = this.host;
    const vms = await self.call(this.vm.root, "children");
    const of: Ref<Shard> | undefined = vms[`shard-${shard}`];
    if (of === undefined) throw new Error(`no shard-${shard}`);
    return (await self.call(of, "children")).store;
  }

  private check(holds: boolean, what: string): void {
    say(`  ${holds ? green("yes") : red("NO ")}            ${what}`);
    this.ok &&= holds;
  }
}

const names = (places: readonly Place[]): string => places.map(({ path }) => path).join(", ");

async function portOf({ self }: Host, root: Ref<Kv>): Promise<number> {
  const { front } = await self.call(root, "children");
  const { http } = await self.call(front, "children");
  return self.call(http, "port");
}

/** Keys of each shard, beside the one that `mark` uses. */
async function keys(): Promise<readonly (readonly string[])[]> {
  const placeOf = await placement(shards);
  const keysOf: string[][] = Array.from({ length: shards }, () => []);
  for (let n = 0; keysOf.some(({ length }) => length < keysPerShard); n++)
    keysOf[placeOf(`key-${n}`)]?.push(`key-${n}`);
  return keysOf;
}

function showTree(places: readonly Place[]): void {
  for (const { path, vm } of places) {
    const depth = path.split("/").length;
    const text = `${"  ".repeat(depth)}${path.split("/").at(-1) ?? ""}`;
    say(depth === 1 ? `${text.padEnd(18)}${dim(`VM ${vm}`)}` : dim(text));
  }
}

async function serve(host: Host, vm: RunningVm<Kv>, port: number): Promise<void> {
  say(`serving on http://127.0.0.1:${port}/ until Ctrl-C`);
  await new Promise<void>((done) => {
    process.once("SIGINT", () => done());
    process.once("SIGTERM", () => done());
    void vm.ended.then(() => done());
  });
  await host.stop();
}

async function tour(host: Host, vm: RunningVm<Kv>, port: number): Promise<boolean> {
  showTree(await look(host, vm.root));
  const keysOf = await keys();
  // The first key of each shard is for the marks: the load leaves it alone.
  const load = new Load(
    `http://127.0.0.1:${port}`,
    keysOf.map((all) => all.slice(1)),
  );
  const through = new Tour(host, vm, load, keysOf);
  const ok = await through.all();
  await load.stop();
  await host.stop();
  heading("Ping-pong: one message in flight");
  await race();
  heading(ok ? green("All of it healed.") : red("Something did not go as it should."));
  say(
    `  ${many(load.total)} rounds of PUT and GET, ${many(through.failures)} refused, all of them at a shard that was away`,
  );
  const { vms, timers, calls, bonds } = host.holds;
  say(`  left behind: ${vms} VMs, ${timers} timers, ${calls} calls, ${bonds} bonds`);
  return ok && vms + calls + bonds === 0;
}

async function main(): Promise<boolean> {
  const options = { serve: { type: "boolean" }, port: { type: "string" } } as const;
  const { values } = parseArgs({ options });
  const path = fileURLToPath(new URL("../kv/app.js", import.meta.url));
  const log: HostLog = { line: () => {} };
  const host = createHost({ log });
  const startMs = performance.now();
  const image = await bundle<typeof app>(path);
  const bundledMs = performance.now() - startMs;
  const port = Number(values.port ?? (values.serve === true ? 8080 : 0));
  const vm = await host.boot(image, { name: "kv", args: [{ shards, port, hostname: "127.0.0.1" }] });
  const readyMs = performance.now() - startMs - bundledMs;
  say(bold("motes: a key-value service as one supervision tree over six VMs"));
  say(`  bundled in ${ms(bundledMs)}, all of it ready in ${ms(readyMs)}`);
  const open = await portOf(host, vm.root);
  if (values.serve !== true) return tour(host, vm, open);
  await serve(host, vm, open);
  return true;
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (problem) {
  process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
  process.exit(2);
}
