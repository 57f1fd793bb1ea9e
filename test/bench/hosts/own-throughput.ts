/**
 * Messages of 100 bytes from an actor in one host's own VM to one in another's, at most 4,000 in flight. First argument: `plain`, `tls` or
 * `nats`.
 */
import { createHost } from "../../../src/index.ts";
import { sinkName, source } from "../apps/throughput.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";
import { found, joinOther, quiet, wayOf } from "./joining.ts";

const host = createHost({ log: quiet });
const other = await joinOther(host, wayOf(process.argv.at(-2)));
const to = await found(host, sinkName);
const transfer = async (count: number): Promise<number> =>
  new Promise((done) => host.self.spawn(source, to, "small", count, done));
const count = askedCount();
await transfer(Math.ceil(count / 10));
const startNs = nowNs();
const sum = await transfer(count);
const elapsedNs = nowNs() - startNs;
await host.stop();
await other.close();
printSample({ work: count, elapsedNs, check: String(sum) });
