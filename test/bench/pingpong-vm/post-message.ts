/**
 * Two worker threads that answer each other with `postMessage` over a channel of their own; the main thread sleeps.
 */
import { MessageChannel, type MessagePort, parentPort, Worker, workerData } from "node:worker_threads";
import { askedCount, nowNs, printSample } from "../contender.ts";

interface Message {
  readonly type: "ping" | "pong";
  readonly from: string;
  readonly n: number;
}
type Role = { readonly port: MessagePort; readonly pings?: number };

function pong({ port }: Role): void {
  port.on("message", ({ n }: Message) =>
    port.postMessage({ type: "pong", from: "ponger", n } satisfies Message),
  );
}

async function ping({ port, pings = 0 }: Role): Promise<void> {
  const rally = (count: number) =>
    new Promise<number>((resolve) => {
      let sum = 0;
      const onPong = ({ n }: Message): void => {
        sum += n;
        if (n > 1) return port.postMessage({ type: "ping", from: "pinger", n: n - 1 } satisfies Message);
        port.off("message", onPong);
        resolve(sum);
      };
      port.on("message", onPong);
      port.postMessage({ type: "ping", from: "pinger", n: count } satisfies Message);
    });
  await rally(Math.ceil(pings / 10));
  const startNs = nowNs();
  const sum = await rally(pings);
  parentPort?.postMessage({ work: pings, elapsedNs: nowNs() - startNs, check: String(sum) });
}

function main(): void {
  const { port1, port2 } = new MessageChannel();
  const start = (role: Role) =>
    new Worker(new URL(import.meta.url), { workerData: role, transferList: [role.port], argv: [] });
  start({ port: port1 });
  start({ port: port2, pings: askedCount() }).on("message", (sample) => {
    printSample(sample);
    process.exit();
  });
}

const role = workerData as Role | null;
if (role === null) main();
else if (role.pings === undefined) pong(role);
else void ping(role);
