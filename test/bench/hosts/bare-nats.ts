/**
 * What `throughput.ts` does over NATS, without motes: messages of 100 bytes from one process to another by the same client, published and
 * subscribed to, with the same window. Its second process is started with `sink` and where the server is.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { connectNats, defaultHostLinkLimits, type NatsClient } from "../../../transports/index.ts";
import { NatsServer } from "../../support/nats-server.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";
import { announcement, number, numberOf, recordBytes, sumOf, sumRecord } from "../link-hosts/work.ts";

const batch = 1000;
const inFlightMax = 4000;

const connect = (url: string): Promise<NatsClient> =>
  connectNats({ servers: url }, "bench", defaultHostLinkLimits);

function record(value: number): Uint8Array {
  const bytes = new Uint8Array(recordBytes);
  number(bytes, value);
  return bytes;
}

/** Takes the messages in order, tells of each 1,000th, and of the sum at the end. Ends with its standard input. */
async function sink(url: string): Promise<void> {
  const nats = await connect(url);
  let count = 0;
  let expected = 1;
  let sum = 0;
  nats.subscribe("data", {
    callback: (_problem, { data }) => {
      const n = numberOf(data);
      if (n === 0) {
        count = numberOf(data, 4);
        expected = 1;
        sum = 0;
        return;
      }
      if (n !== expected++) throw new Error(`message ${n} came out of order`);
      sum += n + data.byteLength;
      if (n === count) nats.publish("total", sumRecord(sum), {});
      else if (n % batch === 0) nats.publish("acked", record(n), {});
    },
  });
  await nats.flush();
  process.stdout.write("ready\n");
  for await (const _ of process.stdin);
  await nats.close();
}

function transfer(nats: NatsClient, told: Told, count: number): Promise<number> {
  return new Promise((done) => {
    let next = 1;
    const fill = (acked: number): void => {
      while (next <= count && next - acked <= inFlightMax) nats.publish("data", record(next++), {});
    };
    told.acked = fill;
    told.total = done;
    nats.publish("data", announcement(count), {});
    fill(0);
  });
}

interface Told {
  acked: (n: number) => void;
  total: (sum: number) => void;
}

async function source(): Promise<void> {
  const server = await NatsServer.start();
  const args = [fileURLToPath(import.meta.url), "sink", server.url];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  await once(child.stdout, "data");
  const nats = await connect(server.url);
  const told: Told = { acked: () => {}, total: () => {} };
  nats.subscribe("acked", { callback: (_problem, { data }) => told.acked(numberOf(data)) });
  nats.subscribe("total", { callback: (_problem, { data }) => told.total(sumOf(data, 0)) });
  const count = askedCount();
  await transfer(nats, told, Math.ceil(count / 10));
  const start = nowNs();
  const sum = await transfer(nats, told, count);
  const elapsedNs = nowNs() - start;
  const ended = once(child, "close");
  child.stdin.end();
  await ended;
  await nats.close();
  await server.stop();
  printSample({ work: count, elapsedNs, check: String(sum) });
}

const [, , role, url] = process.argv;
if (role === "sink" && url !== undefined) await sink(url);
else await source();
