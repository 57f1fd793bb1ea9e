import { connect, type Socket } from "node:net";

/** A connection to `port` of this machine through a SOCKS proxy on it (RFC 1928, no authentication): the proxy's exit makes it. */
export async function connectThrough(socksPort: number, port: number, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ port: socksPort, host: "127.0.0.1", signal });
  try {
    await answer(socket, Buffer.from([5, 1, 0]), 2);
    const reply = await answer(socket, Buffer.from([5, 1, 0, 1, 127, 0, 0, 1, port >> 8, port & 255]), 10);
    if (reply[1] !== 0) throw new Error(`the proxy says no, with code ${reply[1]}`);
    return socket;
  } catch (problem) {
    socket.destroy();
    throw problem;
  }
}

/** What is answered to a plain request, all of it. */
export async function get(socket: Socket, path: string): Promise<string> {
  socket.write(`GET ${path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n`);
  let text = "";
  for await (const bytes of socket) text += String(bytes);
  return text;
}

/** So many bytes after `question`; what comes later stays in the socket. */
function answer(socket: Socket, question: Buffer, bytes: number): Promise<Buffer> {
  socket.write(question);
  return new Promise((resolve, reject) => {
    const done = (): void => {
      socket.off("readable", look);
      socket.off("error", reject);
      socket.off("close", closed);
    };
    const look = (): void => {
      // Sound: no encoding is set.
      const got = socket.read(bytes) as Buffer | null;
      if (got === null) return;
      done();
      resolve(got);
    };
    const closed = (): void => reject(new Error("the proxy has hung up"));
    socket.on("readable", look);
    socket.once("error", reject);
    socket.once("close", closed);
    look();
  });
}
