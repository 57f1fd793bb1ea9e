/**
 * Many connections from a process of their own. Arguments: the port, and how many. It opens a few, says so, is told to go on, and
 * says so when each has asked once and has its answer.
 */
import { once } from "node:events";
import { connect } from "node:net";

const [port, count] = process.argv.slice(-2).map(Number);
const atOnce = 100;

async function visit(): Promise<void> {
  const socket = connect({ port: port ?? 0, host: "127.0.0.1" });
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await once(socket, "data");
}

async function visits(wanted: number): Promise<void> {
  for (let i = 0; i < wanted; i += atOnce) await Promise.all(Array.from({ length: atOnce }, visit));
}

await visits(500);
process.send?.("warm");
await once(process, "message");
await visits(count ?? 0);
process.send?.("open");
