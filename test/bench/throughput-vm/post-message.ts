/**
 * One-way messages from one worker thread to another by `postMessage`, at most 4,000 in flight; main sleeps.
 *
 * First argument, the kind of message: `fields`, `record` (16 fields of 64 characters) or `bytes` (a Uint8Array of
 * 1,024). The receiver acknowledges each 1,000th.
 */
import { MessageChannel, type MessagePort, parentPort, Worker, workerData } from "node:worker_threads";
import { askedCount, nowNs, printSample } from "../contender.ts";
import { isKind, type Kind, payloadOf, touch, type Payload } from "./payload.ts";

const BATCH = 1000;
const WINDOW = 4000;

interface Data {
  readonly type: "data";
  readonly payload: Payload;
  readonly n: number;
}
type Role = {
  readonly port: MessagePort;
  readonly kind: Kind;
  readonly count: number;
  readonly sends: boolean;
};

function receive({ port }: Role): void {
  let expected = 1;
  let sum = 0;
  port.on("message", (message: Data | { readonly type: "end" }) => {
    if (message.type === "end") {
      port.postMessage({ total: sum });
      expected = 1;
      sum = 0;
      return;
    }
    if (message.n !== expected++) throw new Error(`message ${message.n} came out of order`);
    sum += message.n + touch(message.payload);
    if (message.n % BATCH === 0) port.postMessage({ acked: message.n });
  });
}

function transfer(port: MessagePort, count: number, payload: Payload): Promise<number> {
  return new Promise((resolve) => {
    let next = 1;
    const fill = (acked: number): void => {
      const ended = next > count;
      while (next <= count && next - acked <= WINDOW)
        port.postMessage({ type: "data", payload, n: next++ } satisfies Data);
      if (!ended && next > count) port.postMessage({ type: "end" });
    };
    const onMessage = (message: { readonly acked?: number; readonly total?: number }): void => {
      if (message.total === undefined) return fill(message.acked ?? 0);
      port.off("message", onMessage);
      resolve(message.total);
    };
    port.on("message", onMessage);
    fill(0);
  });
}

async function send({ port, kind, count }: Role): Promise<void> {
  const payload = payloadOf(kind);
  await transfer(port, Math.ceil(count / 10), payload);
  const startNs = nowNs();
  const sum = await transfer(port, count, payload);
  parentPort?.postMessage({ work: count, elapsedNs: nowNs() - startNs, check: String(sum) });
}

function main(): void {
  const kind = process.argv.at(-2);
  if (!isKind(kind)) throw new Error(`the first argument must be fields, record or bytes, got ${kind}`);
  const count = askedCount();
  const { port1, port2 } = new MessageChannel();
  const start = (port: MessagePort, sends: boolean) =>
    new Worker(new URL(import.meta.url), {
      workerData: { port, kind, count, sends } satisfies Role,
      transferList: [port],
    });
  start(port1, false);
  start(port2, true).on("message", (sample) => {
    printSample(sample);
    process.exit();
  });
}

const role = workerData as Role | null;
if (role === null) main();
else if (role.sends) void send(role);
else receive(role);
