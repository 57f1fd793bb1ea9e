/** A wire between two TCP ends that a test can cut: nothing passes then, and nobody is told. */
import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

export class BlackBox {
  port = 0;
  private cutOff = false;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  private constructor(server: Server, toPort: number) {
    this.server = server;
    server.on("connection", (near) => {
      const far = connect(toPort, "127.0.0.1");
      this.join(near, far);
      this.join(far, near);
    });
  }

  static async to(toPort: number): Promise<BlackBox> {
    const server = createServer();
    const box = new BlackBox(server, toPort);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    box.port = (server.address() as AddressInfo).port;
    return box;
  }

  cut(): void {
    this.cutOff = true;
  }

  heal(): void {
    this.cutOff = false;
  }

  /** The connections end, as when a cable box dies and says so. */
  reset(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, "close");
  }

  /** Bytes that come while it is cut are gone, with all that follows on this connection. */
  private join(from: Socket, to: Socket): void {
    let lost = false;
    this.sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (chunk) => {
      lost ||= this.cutOff;
      if (lost) return;
      if (to.write(chunk)) return;
      from.pause();
      to.once("drain", () => from.resume());
    });
    from.on("error", () => {});
    from.on("close", () => {
      this.sockets.delete(from);
      if (!lost && !this.cutOff) to.destroy();
    });
    from.on("end", () => {
      if (!lost && !this.cutOff) to.end();
    });
  }
}
