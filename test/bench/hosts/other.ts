/** The second host of a bench, a process of its own: prints where it listens, and ends with its standard input. */
import { createHost } from "../../../src/index.ts";
import { ponger } from "../apps/pingpong.ts";
import { sink } from "../apps/throughput.ts";
import { joinOf, quiet, type Way } from "./joining.ts";

// Sound: whoever starts this program gives it that.
const { way, server, credentials } = JSON.parse(process.argv[2] ?? "") as Way;
const host = createHost({ log: quiet });
await host.self.start(ponger, true);
await host.self.start(sink, true);
const { address } = await host.join({ ...joinOf("b", { way, server, credentials }, undefined), boots: {} });
process.stdout.write(`${JSON.stringify(address ?? null)}\n`);
for await (const _ of process.stdin);
await host.stop();
