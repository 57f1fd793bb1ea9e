/**
 * This host's links over TCP: those it dials and those it accepts. Mutual TLS 1.3; without it only on this machine, unless the
 * whole network is said to be trusted. It owns its listeners and links, and `close` ends them all.
 */
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import {
  connect as connectTls,
  createServer as createTlsServer,
  type SecureContextOptions,
  TLSSocket,
} from "node:tls";
import type { MotesError } from "../../kernel/index.ts";
import { loadChecksum } from "../host-link/checksum.ts";
import { type Clock, realClock } from "../host-link/clock.ts";
import { linkError } from "../host-link/errors.ts";
import { checkIdentity } from "../host-link/hello.ts";
import type {
  CloseReason,
  HostIdentity,
  HostLink,
  HostLinkEvents,
  HostLinkLimits,
  Judge,
  LinkRole,
} from "../host-link/host-link.ts";
import { resolveLimits } from "../host-link/limits.ts";
import { Linger } from "../host-link/linger.ts";
import type { Checksum } from "../host-link/packet.ts";
import { type DialWatch, Redial, type RedialOptions } from "../host-link/redial.ts";
import { checkedCredentials, tlsError, type TlsCredentials, unproven, untrusted } from "./credentials.ts";
import { isLoopback } from "./loopback.ts";
import { SocketEdge } from "./socket-edge.ts";

export interface TcpAddress {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
}

export interface TcpHostsOptions {
  readonly own: HostIdentity;
  readonly events: HostLinkEvents;
  readonly limits?: Partial<HostLinkLimits>;
  /** `plain`: without TLS, between hosts of one machine. `plain anywhere`: the network is trusted with everything. */
  readonly security: TlsCredentials | "plain" | "plain anywhere";
  /** Gets one line if there is no TLS. */
  readonly warn?: (line: string) => void;
  /** Hears of connections that did not come as far as a link. */
  readonly refused?: (why: MotesError, from: string) => void;
  /** Connections that have not said hello yet, at the most. Default 64. */
  readonly greetingsMax?: number;
  /** Looks at a peer after everything else. */
  readonly judge?: Judge;
  readonly clock?: Clock;
  /** Whether there is a core to spare for waiting awake. Default: always. */
  readonly mayLinger?: () => boolean;
}

export interface TcpDialOptions extends TcpAddress {
  /** The name of the host that must answer there. */
  readonly expect?: string;
}

/** Throws `LINK_OPTION`, `LINK_TLS` (what is no certificate, or no key). */
export async function openTcp(options: TcpHostsOptions): Promise<TcpHosts> {
  return new TcpHosts(options, await loadChecksum());
}

export class TcpHosts {
  private readonly options: TcpHostsOptions;
  private readonly limits: HostLinkLimits;
  private readonly checksum: Checksum;
  private readonly clock: Clock;
  private readonly linger: Linger;
  private readonly credentials: SecureContextOptions | undefined;
  private readonly servers = new Set<Server>();
  private readonly links = new Set<HostLink>();
  private readonly kept = new Set<Redial>();
  /** Sockets that are no links yet, or links that are not up. */
  private readonly greeting = new Set<string>();
  private readonly sockets = new Set<Socket>();

  constructor(options: TcpHostsOptions, checksum: Checksum) {
    checkIdentity(options.own);
    this.options = options;
    this.limits = resolveLimits(options.limits);
    this.checksum = checksum;
    this.linger = new Linger(options.mayLinger);
    this.clock = options.clock ?? realClock;
    this.credentials =
      typeof options.security === "string" ? undefined : checkedCredentials(options.security);
    if (this.credentials === undefined)
      options.warn?.(
        `links of the host ${options.own.name} are without TLS: whoever reaches its port is believed, and reads along`,
      );
  }

  /** The address that it listens at: port 0 asks for any. Throws `LINK_PLAIN`, and rejects with Node's error if the port is taken. */
  listen({ host, port }: TcpAddress): Promise<TcpAddress> {
    this.check(host);
    const server = this.server();
    server.prependListener("connection", (socket: Socket) => this.enter(socket));
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, () => {
        this.servers.add(server);
        server.off("error", reject);
        server.on("error", (problem) =>
          this.refuse(linkError("LINK_LOST", { why: problem.message }), "a listener"),
        );
        // Sound: a server that listens on a port has an address with one.
        const { address, port: given } = server.address() as AddressInfo;
        resolve({ host: address, port: given });
      });
    });
  }

  /** Dials now, and again whenever the link has ended, until it is closed. Throws `LINK_PLAIN`, `LINK_OPTION`. */
  keep(address: TcpDialOptions, options?: RedialOptions): Redial {
    const redial = new Redial((watch) => this.dial(address, watch), this.clock, options);
    this.kept.add(redial);
    return redial;
  }

  /** A link that is still to come up: its events tell. Throws `LINK_PLAIN`. */
  dial({ host, port, expect }: TcpDialOptions, watch?: DialWatch): HostLink {
    this.check(host);
    const where = `${host}:${port}`;
    const expected = (peer: HostIdentity): MotesError | undefined =>
      expect === undefined || peer.name === expect
        ? undefined
        : linkError("LINK_UNEXPECTED", { expected: expect, got: peer.name });
    const { credentials } = this;
    if (credentials === undefined) {
      const socket = connect({ host, port });
      const edge = this.edge("dialer", socket, where, false, expected, watch);
      socket.once("connect", () => edge.open());
      return edge.session;
    }
    // Whether the name is right is looked at when the peer has said it: it is the host's, and not that of an address.
    const socket = connectTls({ host, port, ...credentials, checkServerIdentity: () => undefined });
    const edge = this.edge("dialer", socket, where, false, expected, watch);
    socket.once("secureConnect", () => edge.open());
    return edge.session;
  }

  /** Ends all links with this reason, and all listeners; resolves when nothing is left. */
  async close(reason?: CloseReason): Promise<void> {
    const closed = [...this.servers].map((server) => new Promise((done) => server.close(done)));
    for (const redial of this.kept) redial.close(reason);
    for (const link of this.links) link.close(reason);
    const left = [...this.sockets].map(
      (socket) => new Promise((done) => (socket.closed ? done(undefined) : socket.once("close", done))),
    );
    await Promise.all([...closed, ...left]);
    this.servers.clear();
  }

  private check(host: string): void {
    if (this.options.security === "plain" && !isLoopback(host))
      throw linkError("LINK_PLAIN", { where: host });
  }

  private server(): Server {
    const { credentials } = this;
    if (credentials === undefined) {
      const server = createServer();
      return server.on("connection", (socket) => {
        if (!socket.destroyed) this.accept(socket, undefined);
      });
    }
    // Whoever is not trusted is told why, in a link that ends there, and is never listened to.
    const server = createTlsServer({
      ...credentials,
      requestCert: true,
      rejectUnauthorized: false,
      handshakeTimeout: this.limits.helloTimeoutMs,
    });
    server.on("secureConnection", (socket) => this.accept(socket, untrusted(socket)));
    server.on("tlsClientError", (problem: Error & { code?: string }, socket) => {
      this.refuse(tlsError(problem.code ?? problem.message), remoteOf(socket));
    });
    return server;
  }

  /** Every connection, before TLS. */
  private enter(socket: Socket): void {
    const { greetingsMax = 64 } = this.options;
    const from = remoteOf(socket);
    this.hold(socket);
    if (this.greeting.size >= greetingsMax) {
      socket.destroy();
      return this.refuse(linkError("LINK_CROWDED", { most: greetingsMax }), from);
    }
    this.greeting.add(from);
    socket.once("close", () => this.greeting.delete(from));
  }

  private accept(socket: Socket, distrust: MotesError | undefined): void {
    const from = remoteOf(socket);
    const edge = this.edge("acceptor", socket, from, true, () => undefined, {
      up: () => this.greeting.delete(from),
      down: () => {},
    });
    if (distrust !== undefined) edge.session.refuse(distrust);
  }

  private edge(
    role: LinkRole,
    socket: Socket,
    where: string,
    ready: boolean,
    expected: (peer: HostIdentity) => MotesError | undefined,
    watch?: DialWatch,
  ): SocketEdge {
    const { own, events, judge } = this.options;
    const { limits, checksum, clock, links } = this;
    const proven = (peer: HostIdentity): MotesError | undefined =>
      socket instanceof TLSSocket ? unproven(socket, peer.name) : undefined;
    const edge = new SocketEdge(
      socket,
      {
        role,
        own,
        limits,
        checksum,
        clock,
        linger: this.linger,
        where,
        judge: (peer) => proven(peer) ?? expected(peer) ?? judge?.(peer, role),
        events: {
          up(link, peer) {
            watch?.up();
            events.up(link, peer);
          },
          asked: (link, lane) => events.asked(link, lane),
          down(link, why, losses) {
            links.delete(link);
            events.down(link, why, losses);
            watch?.down(why);
          },
        },
        meaning: meaningOfTls,
      },
      ready,
    );
    this.links.add(edge.session);
    this.hold(socket);
    return edge;
  }

  private hold(socket: Socket): void {
    this.sockets.add(socket);
    socket.once("close", () => this.sockets.delete(socket));
    socket.on("error", () => {});
  }

  private refuse(why: MotesError, from: string): void {
    this.options.refused?.(why, from);
  }
}

const remoteOf = (socket: Socket): string => `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;

/** OpenSSL's errors, and those of a certificate that is not taken. */
function meaningOfTls(problem: Error & { readonly code?: string }): MotesError | undefined {
  const { code = "" } = problem;
  const ofTls =
    code.startsWith("ERR_SSL_") || code.startsWith("ERR_TLS_") || /CERT|SIGNATURE|ISSUER/.test(code);
  return ofTls ? tlsError(code) : undefined;
}
