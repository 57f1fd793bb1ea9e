/** The floor under two hosts in Node: two processes, a TCP connection, and 16 bytes each way, one at a time. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { askedCount, nowNs, printSample } from "../contender.ts";

const bytes = 16;

/** Calls back for each 16 bytes. */
function onMessage(socket: Socket, heard: (message: Buffer) => void): void {
  let got = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    got = got.length === 0 ? chunk : Buffer.concat([got, chunk]);
    for (; got.length >= bytes; got = got.subarray(bytes)) heard(got.subarray(0, bytes));
  });
}

async function echo(): Promise<void> {
  const server = createServer({ noDelay: true }, (socket) => {
    onMessage(socket, (message) => socket.write(message));
    socket.on("close", () => server.close());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  // Sound: it listens on a port.
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
}

async function play(): Promise<void> {
  const other = spawn(process.execPath, [fileURLToPath(import.meta.url), "echo"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: other.stdout }), "line")) as [string];
  const socket = connect({ port: Number(line), host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const message = Buffer.alloc(bytes);
  let heard = (): void => {};
  onMessage(socket, (answer) => {
    answer.copy(message);
    heard();
  });
  const rounds = async (count: number): Promise<number> =>
    new Promise((done) => {
      let sum = 0;
      let left = count;
      heard = () => {
        sum += message.readUInt32LE(0);
        if (--left === 0) return done(sum);
        message.writeUInt32LE(left, 0);
        socket.write(message);
      };
      message.writeUInt32LE(left, 0);
      socket.write(message);
    });
  const count = askedCount();
  await rounds(Math.ceil(count / 10));
  const startNs = nowNs();
  const sum = await rounds(count);
  const elapsedNs = nowNs() - startNs;
  socket.destroy();
  await once(other, "close");
  printSample({ work: count, elapsedNs, check: String(sum) });
}

await (process.argv[2] === "echo" ? echo() : play());
