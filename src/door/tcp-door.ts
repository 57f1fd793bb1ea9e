import { createServer, type Server, type ServerOpts as ServerOptions, type Socket } from "node:net";
import { createServer as createSecureServer } from "node:tls";
import {
  actor,
  type Call,
  type Definition,
  type Ref,
  type Self,
  type ServerSelf,
} from "../../kernel/index.ts";
import { connection, cutOff } from "./connection.ts";
import { doorError } from "./errors.ts";
import { drained, listen, openSockets, type DoorAddress } from "./listener.ts";
import { Names } from "./names.ts";
import { tcpLimits, type TcpLimits } from "./tcp-limits.ts";
import type { TcpService } from "./tcp-protocol.ts";
import { addCertificates, tlsOptions, withCertificate, type DoorTls } from "./tls.ts";

/** Where a TCP door stands, and where it leads. */
export interface TcpDoorOptions {
  /** 0: any free one; the call `address` tells which. */
  readonly port: number;
  /** The address to listen on. Default: `127.0.0.1`, which only this machine reaches; `::` is every one. */
  readonly host?: string;
  /** Where connections lead that ask for no other name. Default: they are closed. */
  readonly to?: Ref<TcpService>;
  /** Where each name leads, as the client asks for it with TLS (SNI). */
  readonly names?: Readonly<Record<string, Ref<TcpService>>>;
  /** Default: no TLS. */
  readonly tls?: DoorTls;
  readonly limits?: Partial<TcpLimits>;
}

export type TcpDoorProtocol =
  /** Where it listens. */
  | Call<"address", [], DoorAddress>
  /** Open connections. */
  | Call<"underWay", [], number>;

/**
 * A front door for TCP: listens, and makes of each connection a call `connection` to an actor, which lasts as long as the
 * connection. Needs the device `listen`; that actor needs none. What a client sends before it is read waits here, up to a bound.
 *
 * Its init fails with `DOOR_OPTION`, `DOOR_NO_SERVICE`, `DOOR_TLS`, `DOOR_PORT_TAKEN`, `DOOR_NOT_LISTENING`. Told to end by its supervisor it stops listening,
 * gives the open connections `drainMs`, and then cuts them off.
 */
export const tcpDoor: Definition<[options: TcpDoorOptions], TcpDoorProtocol> = actor({
  label: "tcp door",
  init: async (self: ServerSelf<never>, options: TcpDoorOptions) => {
    self.trapExits();
    const door = new TcpDoor(self, options);
    await door.open();
    return door;
  },
  call: { address: (door) => door.address, underWay: (door) => door.underWay },
  terminate: (door) => door.close(),
});

class TcpDoor {
  address: DoorAddress;
  private readonly self: Self<never>;
  private readonly names: Names<TcpService>;
  private readonly limits: TcpLimits;
  private readonly server: Server;
  private readonly sockets: ReadonlySet<Socket>;

  constructor(self: Self<never>, { port, host = "127.0.0.1", to, names, tls, limits }: TcpDoorOptions) {
    this.self = self;
    this.names = new Names(to, names);
    this.limits = tcpLimits(limits);
    this.address = { host, port };
    if (this.names.empty) throw doorError("DOOR_NO_SERVICE", { door: "tcpDoor" });
    const { aheadBytesMax, connectionsMax } = this.limits;
    const options = { allowHalfOpen: true, noDelay: true, highWaterMark: aheadBytesMax };
    this.server = tls === undefined ? createServer(options) : this.secure(options, tls);
    this.server.maxConnections = connectionsMax;
    this.sockets = openSockets(this.server);
    if (tls === undefined) this.server.on("connection", (socket) => this.arrived(socket, undefined));
  }

  get underWay(): number {
    return this.sockets.size;
  }

  async open(): Promise<void> {
    // Whatever ends the actor ends this too, also what cannot be trapped.
    this.self.signal.addEventListener("abort", () => {
      this.server.close();
      for (const socket of this.sockets) cutOff(socket);
    });
    this.address = await listen(this.server, this.address);
  }

  async close(): Promise<void> {
    await drained(this.server, this.limits.drainMs);
  }

  private secure(options: ServerOptions, tls: DoorTls): Server {
    const more = tlsOptions(tls, this.limits.handshakeTimeoutMs);
    const server = withCertificate("all other names", () => createSecureServer({ ...options, ...more }));
    addCertificates(server, tls);
    // What fails in a handshake is the client's concern: Node has closed that connection.
    server.on("secureConnection", (socket) => this.arrived(socket, socket.servername || undefined));
    return server;
  }

  private arrived(socket: Socket, name: string | undefined): void {
    const to = this.names.find(name);
    if (to === undefined) return void socket.destroy();
    const { limits } = this;
    this.self.spawn(connection, { socket, to, name, limits });
  }
}
