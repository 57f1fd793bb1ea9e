/** An actor in one host's own VM and one in another's, one message in flight. First argument: `plain`, `tls` or `nats`. */
import { createHost } from "../../../src/index.ts";
import { type Played, pinger, pongName } from "../apps/pingpong.ts";
import { askedCount, printSample } from "../contender.ts";
import { found, joinOther, quiet, wayOf } from "./joining.ts";

const host = createHost({ log: quiet });
const other = await joinOther(host, wayOf(process.argv.at(-2)));
const to = await found(host, pongName);
const play = async (count: number): Promise<Played> =>
  new Promise((done) => host.self.spawn(pinger, to, count, done));
const count = askedCount();
await play(Math.ceil(count / 10));
const { elapsedMs, sum } = await play(count);
await host.stop();
await other.close();
printSample({ work: count, elapsedNs: Math.round(elapsedMs * 1e6), check: String(sum) });
