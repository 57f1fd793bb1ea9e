/** Two threads and a socket of Node between them, with nothing on it but records of 100 bytes: what a link is measured against. */
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
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

/** Calls with each whole record. */
function records(socket: Socket, each: (data: Uint8Array, at: number) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (; at + recordBytes <= data.length; at += recordBytes) each(data, at);
    rest = data.subarray(at);
  });
}

function answer(work: Work): void {
  const server = createServer({ noDelay: true }, (socket) => {
    const tally = new Tally();
    records(socket, (data, at) => {
      if (work === "round-trips") return void socket.write(data.subarray(at, at + recordBytes));
      const sum = tally.take(data, at);
      if (sum !== undefined) socket.write(sumRecord(sum));
    });
  });
  server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
}

function run(socket: Socket, work: Work, count: number): Promise<number> {
  socket.removeAllListeners("data");
  return new Promise((done) => {
    let sent = 0;
    let sum = 0;
    const send = (value: number): boolean => {
      const record = Buffer.allocUnsafe(recordBytes);
      number(record, value);
      return socket.write(record);
    };
    records(socket, (data, at) => {
      if (work === "one-way") return done(sumOf(data, at));
      sum += numberOf(data, at);
      if (sent === count) done(sum);
      else send(++sent);
    });
    if (work === "round-trips") return void send(++sent);
    socket.write(announcement(count));
    const pump = (): void => {
      socket.cork();
      let room = true;
      while (room && sent < count) room = send(++sent);
      socket.uncork();
      if (sent < count) socket.once("drain", pump);
    };
    pump();
  });
}

async function ask(work: Work): Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: work });
  const port = await new Promise<number>((ready) => worker.once("message", ready));
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const count = askedCount();
  await run(socket, work, warmUp);
  const start = nowNs();
  const sum = await run(socket, work, count);
  printSample({ work: count, elapsedNs: nowNs() - start, check: String(sum) });
  process.exit();
}

// Sound: the main thread's own word, and the argument that the bench gives.
if (isMainThread) await ask(process.argv[2] as Work);
else answer(workerData as Work);
