/**
 * One host of a cluster, as a program: `machine.js <options as JSON>`. It prints a line for each host that comes or goes, and for each line
 * that it reads what its node has received and sent. It ends with its standard input.
 */
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  bundle,
  createHost,
  process as actorProcess,
  type Call,
  type HostDown,
  type HostUp,
  type JoinOptions,
  type Ref,
  type Self,
} from "../../../src/index.ts";
import type { Report } from "./workload.ts";

export interface MachineOptions {
  readonly join: JoinOptions;
  /** Of the hosts that it writes to. */
  readonly peers: readonly string[];
  /** Tells its writers from those of its other lives. */
  readonly life: string;
}

/** What a machine prints, a line each. */
export type Said =
  | { readonly type: "joined" }
  | { readonly type: "up"; readonly name: string }
  | { readonly type: "down"; readonly name: string; readonly why: string }
  | { readonly type: "report"; readonly report: Report };

const say = (said: Said): void => void process.stdout.write(`${JSON.stringify(said)}\n`);

const watcher = actorProcess(function* (self: Self<HostUp | HostDown>) {
  yield* self.call(self.host, "watchHosts", self.ref);
  for (;;) {
    const news = yield* self.receive("hostup", "hostdown");
    if (news.type === "hostup") say({ type: "up", name: news.host.name });
    else say({ type: "down", name: news.host.name, why: news.why });
  }
});

// Sound: whoever starts this program gives it that.
const { join, peers, life } = JSON.parse(process.argv[2] ?? "") as MachineOptions;
const image = await bundle(fileURLToPath(new URL("workload.js", import.meta.url)));
const host = createHost();
host.self.spawn(watcher);
const { root } = await host.boot(image, { args: [life, peers] });
// Sound: it is that program's root.
const node = root as Ref<never> as Ref<Call<"report", readonly [], Report>>;
await host.join(join);
say({ type: "joined" });
for await (const _ of createInterface({ input: process.stdin }))
  say({ type: "report", report: await host.self.call(node, "report") });
await host.stop();
