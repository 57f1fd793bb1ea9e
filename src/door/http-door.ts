import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { Socket } from "node:net";
import {
  actor,
  type Call,
  type Definition,
  type Ref,
  type Self,
  type ServerSelf,
} from "../../kernel/index.ts";
import { doorError } from "./errors.ts";
import { exchange } from "./exchange.ts";
import { httpLimits, type HttpLimits } from "./http-limits.ts";
import type { HttpService } from "./http-protocol.ts";
import { drained, listen, openSockets, type DoorAddress } from "./listener.ts";
import { Names } from "./names.ts";
import { addCertificates, tlsOptions, withCertificate, type DoorTls } from "./tls.ts";

/** Where an HTTP door stands, and where it leads. */
export interface HttpDoorOptions {
  /** 0: any free one; the call `address` tells which. */
  readonly port: number;
  /** The address to listen on. Default: `127.0.0.1`, which only this machine reaches; `::` is every one. */
  readonly host?: string;
  /** Where each host name leads, as in the `Host` header, without a port. */
  readonly names?: Readonly<Record<string, Ref<HttpService>>>;
  /** Where requests for all other names lead. Default: they are refused with 421. */
  readonly to?: Ref<HttpService>;
  /** Default: no TLS. */
  readonly tls?: DoorTls;
  readonly limits?: Partial<HttpLimits>;
}

export type HttpDoorProtocol =
  /** Where it listens. */
  | Call<"address", [], DoorAddress>
  /** Requests that have no whole answer yet. */
  | Call<"underWay", [], number>
  /** From now on this name leads there. */
  | Call<"lead", [name: string, to: Ref<HttpService>], void>
  /** False: it led nowhere. Requests under way are not touched. */
  | Call<"forget", [name: string], boolean>;

/**
 * A front door for HTTP: listens, and makes of each request a call `request` to the actor that its host name leads to. Needs the
 * device `listen`; those actors need none. Each request has an actor of its own here (`exchange.ts`). It boots nothing, keeps
 * nothing and answers nothing by itself, but for refusals. HTTP is Node's: this knows no byte of it.
 *
 * Its init fails with `DOOR_OPTION`, `DOOR_NO_SERVICE`, `DOOR_TLS`, `DOOR_PORT_TAKEN`, `DOOR_NOT_LISTENING`. Told to end by its supervisor it
 * stops listening, gives the requests under way `drainMs`, and then cuts them off.
 *
 * @example
 * child(httpDoor, (siblings) => [{ port: 8080, to: siblings.refOf(blog) }])
 */
export const httpDoor: Definition<[options: HttpDoorOptions], HttpDoorProtocol> = actor({
  label: "http door",
  init: async (self: ServerSelf<never>, options: HttpDoorOptions) => {
    self.trapExits();
    const door = new HttpDoor(self, options);
    await door.open();
    return door;
  },
  call: {
    address: (door) => door.address,
    underWay: (door) => door.underWay,
    lead: (door, name: string, to: Ref<HttpService>): void => door.names.set(name, to),
    forget: (door, name: string) => door.names.delete(name),
  },
  terminate: (door) => door.close(),
});

/** How late a time-out may be noticed. */
const checkEveryMs = 1000;

class HttpDoor {
  readonly names: Names<HttpService>;
  underWay = 0;
  address: DoorAddress;
  private readonly self: Self<never>;
  private readonly limits: HttpLimits;
  private readonly server: Server;
  private readonly sockets: ReadonlySet<Socket>;
  closing = false;

  constructor(self: Self<never>, { port, host = "127.0.0.1", to, names, tls, limits }: HttpDoorOptions) {
    this.self = self;
    this.limits = httpLimits(limits);
    this.names = new Names(to, names);
    this.address = { host, port };
    if (this.names.empty) throw doorError("DOOR_NO_SERVICE", { door: "httpDoor" });
    this.server = this.serve(tls);
    this.sockets = openSockets(this.server);
  }

  async open(): Promise<void> {
    // Whatever ends the actor ends this too, also what cannot be trapped.
    this.self.signal.addEventListener("abort", () => {
      this.server.close();
      for (const socket of this.sockets) socket.destroy();
    });
    this.address = await listen(this.server, this.address);
  }

  async close(): Promise<void> {
    this.closing = true;
    await drained(this.server, this.limits.drainMs);
  }

  private serve(tls: DoorTls | undefined): Server {
    const { limits } = this;
    const options = {
      maxHeaderSize: limits.headerBytesMax,
      // Node takes no longer one than for the whole.
      headersTimeout: Math.min(limits.headersTimeoutMs, limits.requestTimeoutMs),
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(checkEveryMs, limits.headersTimeoutMs, limits.requestTimeoutMs),
      noDelay: true,
    };
    const server = tls === undefined ? createServer(options) : secure(options, tls);
    server.maxConnections = limits.connectionsMax;
    server.timeout = Math.max(limits.stallTimeoutMs, limits.answerTimeoutMs + 1000);
    server.on("request", (incoming, response) => this.arrived(incoming, response, false));
    server.on("checkContinue", (incoming, response) => this.arrived(incoming, response, true));
    return server;
  }

  private arrived(incoming: IncomingMessage, response: ServerResponse, expectsContinue: boolean): void {
    const { limits } = this;
    const [authority, url] = target(incoming);
    if (url === undefined) return turnAway(response, 400, "the target of this request is no path");
    const to = this.names.find(authority);
    if (to === undefined) return turnAway(response, 421, "there is no such name at this door");
    if (this.underWay >= limits.requestsMax)
      return turnAway(response, 503, "too many requests are under way: try again", { "retry-after": "1" });
    this.underWay++;
    this.self.spawn(exchange, { incoming, response, url, to, limits, expectsContinue, door: this });
  }

  left(): void {
    this.underWay--;
  }
}

/** A handshake may take as long as headers. */
function secure(options: ServerOptions & { readonly headersTimeout: number }, tls: DoorTls): Server {
  const server = withCertificate("all other names", () =>
    createSecureServer({ ...options, ...tlsOptions(tls, options.headersTimeout) }),
  );
  addCertificates(server, tls);
  return server;
}

/** The name that is asked for, and the path. A proxy's form of a target holds both, and counts more than the `Host` header. */
function target({
  url = "",
  headers,
}: IncomingMessage): readonly [authority?: string | undefined, url?: string] {
  if (url.startsWith("/") || url === "*") return [headers.host, url];
  const parts = /^https?:\/\/([^/?#@]+)([/?].*)?$/i.exec(url);
  if (parts === null) return [];
  const [, authority, path = "/"] = parts;
  return [authority, path.startsWith("?") ? `/${path}` : path];
}

function turnAway(
  response: ServerResponse,
  status: number,
  text: string,
  more: Readonly<Record<string, string>> = {},
): void {
  // What may come of its body is not wanted.
  response.shouldKeepAlive = false;
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", ...more });
  response.end(`${text}\n`);
}
