/** Two threads and a NATS server between them, each record a message of its own: what a link over NATS is measured against. */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { connectNats } from "../../../transports/nats/connection.ts";
import { defaultHostLinkLimits } from "../../../transports/index.ts";
import { NatsServer } from "../../support/nats-server.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";
import {
  announcement,
  number,
  numberOf,
  recordBytes,
  sumOf,
  sumRecord,
  Tally,
  warmUp,
  type Work,
} from "./work.ts";

type Client = Awaited<ReturnType<typeof connectNats>>;

const client = (url: string): Promise<Client> =>
  connectNats({ servers: url }, "bench", defaultHostLinkLimits);
/** Published before the server is asked whether it has taken them: more would fill the client's memory. */
const batch = 1000;

async function answer({ work, url }: { readonly work: Work; readonly url: string }): Promise<void> {
  const nats = await client(url);
  const tally = new Tally();
  nats.subscribe("there", {
    callback: (_problem, { data }) => {
      if (work === "round-trips") return nats.publish("back", data, {});
      const sum = tally.take(data, 0);
      if (sum !== undefined) nats.publish("back", sumRecord(sum), {});
    },
  });
  await nats.flush();
  parentPort?.postMessage("ready");
}

async function ask(work: Work): Promise<void> {
  const server = await NatsServer.start();
  const worker = new Worker(new URL(import.meta.url), { workerData: { work, url: server.url } });
  await new Promise((ready) => worker.once("message", ready));
  const nats = await client(server.url);
  let heard: (data: Uint8Array) => void = () => {};
  nats.subscribe("back", { callback: (_problem, { data }) => heard(data) });
  const send = (value: number): void => {
    const record = new Uint8Array(recordBytes);
    number(record, value);
    nats.publish("there", record, {});
  };
  const run = (count: number): Promise<number> =>
    new Promise((done) => {
      let sent = 0;
      let sum = 0;
      heard = (data) => {
        if (work === "one-way") return done(sumOf(data, 0));
        sum += numberOf(data);
        if (sent === count) done(sum);
        else send(++sent);
      };
      if (work === "round-trips") return send(++sent);
      nats.publish("there", announcement(count), {});
      const pump = (): void => {
        for (let i = 0; i < batch && sent < count; i++) send(++sent);
        if (sent < count) void nats.flush().then(pump);
      };
      pump();
    });
  const count = askedCount();
  await run(warmUp);
  const start = nowNs();
  const sum = await run(count);
  printSample({ work: count, elapsedNs: nowNs() - start, check: String(sum) });
  await server.stop();
  process.exit();
}

// Sound: the main thread's own object, and the argument that the bench gives.
if (isMainThread) await ask(process.argv[2] as Work);
else await answer(workerData as { readonly work: Work; readonly url: string });
