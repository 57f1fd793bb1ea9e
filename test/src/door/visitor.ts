import { request, type Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import {
  createHost,
  process,
  type Definition,
  type Host,
  type HostLog,
  type Ref,
  type Self,
} from "../../../src/index.ts";
import {
  httpDoor,
  type HttpDoorOptions,
  type HttpDoorProtocol,
  type HttpService,
} from "../../../src/door/index.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

/** A host whose own VM has a door and what is behind it, and clients of it. */
export class Street {
  readonly lines: string[] = [];
  readonly host: Host;

  constructor() {
    const log: HostLog = { line: (line) => void this.lines.push(JSON.stringify(line)) };
    this.host = createHost({ log });
  }

  actor<A extends readonly unknown[], M>(definition: Definition<A, M>, ...args: A): Ref<M> {
    return this.host.self.spawn(definition, ...args);
  }

  async door(options: Partial<HttpDoorOptions> & { readonly to?: Ref<HttpService> }): Promise<Door> {
    const { ref } = await this.host.self.start(httpDoor, { port: 0, ...options });
    const { port } = await this.host.self.call(ref, "address");
    return new Door(ref, port);
  }

  /** Its supervisor, which is the host's own actor here, tells it to end. */
  async end(ref: Ref<never>): Promise<void> {
    const { self } = this.host;
    await new Promise<void>((ended) => {
      self.spawn(mourner, ref, ended, () => {
        self.unlink(ref);
        self.exit(ref, "shutdown");
      });
    });
  }
}

const mourner = process(function* (self: Self<never>, of: Ref<never>, ended: () => void, ready: () => void) {
  self.monitor(of);
  ready();
  yield* self.receive("down");
  ended();
});

export interface Asked {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
  readonly agent?: Agent;
}

export class Door {
  readonly ref: Ref<HttpDoorProtocol>;
  readonly port: number;
  private readonly wires: Wire[] = [];

  constructor(ref: Ref<HttpDoorProtocol>, port: number) {
    this.ref = ref;
    this.port = port;
  }

  async ask(path: string, { method = "GET", headers = {}, body, agent }: Asked = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: "127.0.0.1",
          port: this.port,
          path,
          method,
          headers,
          agent: agent ?? false,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            const whole = Buffer.concat(chunks);
            const { statusCode: status = 0, headers: got } = response;
            resolve({ status, headers: got, body: whole, text: whole.toString() });
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  }

  /** The client's ends of its connections. */
  leave(): void {
    for (const { socket } of this.wires) socket.destroy();
  }

  /** Bytes as they are. */
  async wire(): Promise<Wire> {
    const socket = connect({ port: this.port, host: "127.0.0.1", allowHalfOpen: true });
    await once(socket, "connect");
    const wire = new Wire(socket);
    this.wires.push(wire);
    return wire;
  }
}

/** One end of a connection: what came is kept until it is looked for. */
export class Wire {
  readonly socket: Socket;
  got = Buffer.alloc(0);
  closed = false;
  ended = false;
  private look: () => void = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      this.got = Buffer.concat([this.got, chunk]);
      this.look();
    });
    socket.on("error", () => {});
    socket.on("end", () => {
      this.ended = true;
      this.look();
    });
    socket.on("close", () => {
      this.closed = true;
      this.look();
    });
  }

  /** Until it has come, or nothing more will. */
  async until(done: (text: string) => boolean): Promise<string> {
    await new Promise<void>((resolve) => {
      this.look = () => {
        if (this.closed || this.ended || done(this.got.toString("latin1"))) resolve();
      };
      this.look();
    });
    return this.got.toString("latin1");
  }

  async end(): Promise<string> {
    return this.until(() => false);
  }
}
