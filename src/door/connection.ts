import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { actor, shutdown, type Exit, type Ref, type Self } from "../../kernel/index.ts";
import { Inflow } from "./inflow.ts";
import { Outflow } from "./outflow.ts";
import type { TcpLimits } from "./tcp-limits.ts";
import type { TcpConnection, TcpLink, TcpService } from "./tcp-protocol.ts";

/** A connection as the door hands it over. */
export interface Caught {
  readonly socket: Socket;
  readonly to: Ref<TcpService>;
  /** What was asked for by SNI. */
  readonly name: string | undefined;
  readonly limits: TcpLimits;
}

/**
 * One TCP connection as an actor: it makes the one call to the service, which lasts as long as the connection, and is what the
 * service reads from and writes to. It ends with the connection, and the connection with it.
 */
export const connection = actor({
  label: "connection",
  init: (self: Self<TcpLink>, caught: Caught) => {
    self.trapExits();
    return new Connection(self, caught);
  },
  call: {
    read(state) {
      const caller = this.caller<Uint8Array | null>();
      state.inflow.read(caller);
      return caller.later;
    },
    write(state, chunk: string | Uint8Array) {
      const caller = this.caller<undefined>();
      if (!state.outflow.write(caller, chunk)) caller.fail("too many unconfirmed writes");
      return caller.later;
    },
  },
  cast: { end: (state) => state.end() },
  info: {
    exit: (state, { reason }: Exit) => {
      if (reason !== "normal") state.reset();
    },
  },
  terminate: (state) => state.close(),
});

/** With a reset where there is one: under TLS it is seen from the missing farewell. */
export function cutOff(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

class Connection {
  readonly inflow: Inflow;
  readonly outflow: Outflow;
  private readonly self: Self<TcpLink>;
  private readonly socket: Socket;
  private readonly limits: TcpLimits;

  constructor(self: Self<TcpLink>, { socket, to, name, limits }: Caught) {
    this.self = self;
    this.socket = socket;
    this.limits = limits;
    this.inflow = new Inflow(socket, Infinity, () => {});
    this.outflow = new Outflow(socket);
    socket.on("error", (error) => self.stop(shutdown(error.message)));
    socket.on("close", this.gone);
    socket.on("timeout", () => self.stop(shutdown("idle")));
    if (limits.idleTimeoutMs > 0) socket.setTimeout(limits.idleTimeoutMs);
    const { remoteAddress = "", remotePort = 0 } = socket;
    const told: TcpConnection = { link: self.ref, remoteAddress, remotePort, name };
    self.callWithin(Infinity, to, "connection", told).then(this.done, this.reset);
  }

  end(): void {
    this.socket.end();
  }

  close(): void {
    this.socket.destroy();
  }

  /** The client sees that it was cut off, and not that all was said. */
  readonly reset = (): void => cutOff(this.socket);

  /**
   * The service is done: what was written goes out. What still comes in is read and let go, since a socket that is closed over
   * unread bytes takes back what was written; a client that does not close its end has it closed.
   */
  private readonly done = (): void => {
    const { socket } = this;
    this.inflow.close();
    socket.end();
    socket.setTimeout(this.limits.drainMs);
  };

  private readonly gone = (): void => {
    this.self.stop(shutdown("the connection has ended"));
  };
}
