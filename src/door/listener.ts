import type { AddressInfo, Server, Socket } from "node:net";
import { doorError } from "./errors.ts";

/** Where a door listens. */
export interface DoorAddress {
  readonly host: string;
  readonly port: number;
}

/** Fails with `DOOR_PORT_TAKEN`, `DOOR_NOT_LISTENING`. Port 0 is any free one: the answer says which. */
export async function listen(server: Server, { host, port }: DoorAddress): Promise<DoorAddress> {
  await new Promise<void>((listening, failed) => {
    const refuse = (problem: NodeJS.ErrnoException): void => {
      const { code, message } = problem;
      failed(
        code === "EADDRINUSE"
          ? doorError("DOOR_PORT_TAKEN", { host, port })
          : doorError("DOOR_NOT_LISTENING", { host, port, why: adviceFor(code) ?? message }),
      );
    };
    server.once("error", refuse);
    server.listen(port, host, () => {
      server.off("error", refuse);
      listening();
    });
  });
  // Sound: it listens on a TCP port.
  return { host, port: (server.address() as AddressInfo).port };
}

function adviceFor(code: string | undefined): string | undefined {
  if (code === "EACCES") return "ports below 1024 need privileges. Choose another port";
  if (code === "EADDRNOTAVAIL") return "no network interface of this machine has that address";
  return undefined;
}

/** The sockets of a server that are open, also those in a handshake, of which nothing else knows. */
export function openSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return sockets;
}

/** Waits until all connections have ended by themselves, or `graceMs` are over. */
export async function drained(server: Server, graceMs: number): Promise<void> {
  await new Promise<void>((ended) => {
    const timer = setTimeout(ended, graceMs);
    server.close(() => {
      clearTimeout(timer);
      ended();
    });
  });
}
