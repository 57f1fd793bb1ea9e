import { createServer, type Server, type Socket } from "node:net";
import {
  actor,
  type Call,
  type Definition,
  type Ref,
  type Self,
  type ServerSelf,
} from "../../kernel/index.ts";
import { connection } from "./connection.ts";
import { drained, listen, type DoorAddress } from "./listener.ts";
import { tcpLimits, type TcpLimits } from "./tcp-limits.ts";
import type { TcpService } from "./tcp-protocol.ts";

/** Where a TCP door stands, and where it leads. */
export interface TcpDoorOptions {
  /** 0: any free one; the call `address` tells which. */
  readonly port: number;
  /** The address to listen on. Default: `127.0.0.1`, which only this machine reaches; `::` is every one. */
  readonly host?: string;
  readonly to: Ref<TcpService>;
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
 * Its init fails with `DOOR_OPTION`, `DOOR_PORT_TAKEN`, `DOOR_NOT_LISTENING`. Told to end by its supervisor it stops listening,
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
  private readonly to: Ref<TcpService>;
  private readonly limits: TcpLimits;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(self: Self<never>, { port, host = "127.0.0.1", to, limits }: TcpDoorOptions) {
    this.self = self;
    this.to = to;
    this.limits = tcpLimits(limits);
    this.address = { host, port };
    const { aheadBytesMax, connectionsMax } = this.limits;
    const options = { allowHalfOpen: true, noDelay: true, highWaterMark: aheadBytesMax };
    this.server = createServer(options, (socket) => this.arrived(socket));
    this.server.maxConnections = connectionsMax;
  }

  get underWay(): number {
    return this.sockets.size;
  }

  async open(): Promise<void> {
    // Whatever ends the actor ends this too, also what cannot be trapped.
    this.self.signal.addEventListener("abort", () => {
      this.server.close();
      for (const socket of this.sockets) socket.resetAndDestroy();
    });
    this.address = await listen(this.server, this.address);
  }

  async close(): Promise<void> {
    await drained(this.server, this.limits.drainMs);
  }

  private arrived(socket: Socket): void {
    const { sockets, to, limits } = this;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    this.self.spawn(connection, { socket, to, limits });
  }
}
