/**
 * This host's links over a NATS server: those it dials by a host's name and those it accepts. It owns its connection and its links,
 * and `close` ends them. A connection that is lost ends all links; the client connects again by itself, and kept links are dialled
 * again.
 */
import { randomBytes } from "node:crypto";
import type { MotesError } from "../../kernel/index.ts";
import { loadChecksum } from "../host-link/checksum.ts";
import { type Clock, realClock } from "../host-link/clock.ts";
import { linkError } from "../host-link/errors.ts";
import { checkIdentity, isHostName } from "../host-link/hello.ts";
import type {
  CloseReason,
  HostIdentity,
  HostLink,
  HostLinkEvents,
  HostLinkLimits,
  Judge,
  LinkRole,
} from "../host-link/host-link.ts";
import { Linger } from "../host-link/linger.ts";
import { resolveLimits } from "../host-link/limits.ts";
import type { Checksum } from "../host-link/packet.ts";
import { type DialWatch, Redial, type RedialOptions } from "../host-link/redial.ts";
import type { NatsClient, NatsMessage, NatsStatus } from "./client.ts";
import { connectNats, natsError, type NatsServerOptions } from "./connection.ts";
import { NatsEdge } from "./nats-edge.ts";
import { Subjects } from "./subjects.ts";

export interface NatsHostsOptions {
  readonly own: HostIdentity;
  readonly events: HostLinkEvents;
  readonly server: NatsServerOptions;
  /** Of all subjects. Default `motes`. */
  readonly prefix?: string;
  /** As for any link; but 16 MiB of `receiveBytesMax` and 512 KiB of `outputBytesMax`, and packets as the server takes them. */
  readonly limits?: Partial<HostLinkLimits>;
  /** Hears of what concerns no link: the connection lost and back, and hellos that are refused. */
  readonly refused?: (why: MotesError, from: string) => void;
  /** Links that are not up yet, at the most. Default 64. */
  readonly greetingsMax?: number;
  readonly judge?: Judge;
  readonly clock?: Clock;
  /** Whether there is a core to spare for waiting awake. Default: always. */
  readonly mayLinger?: () => boolean;
}

/** Rejects with `LINK_OPTION`, `LINK_UNREACHABLE`, `LINK_NATS`. */
export async function openNats(options: NatsHostsOptions): Promise<NatsHosts> {
  const { own, limits, server, prefix = "motes" } = options;
  checkIdentity(own);
  const subjects = new Subjects(prefix, own.cluster, own.name);
  const checksum = await loadChecksum();
  const connection = await connectNats(server, `motes ${own.cluster} ${own.name}`, resolveLimits(limits));
  const hosts = new NatsHosts(options, subjects, connection, checksum);
  try {
    await hosts.listen();
    return hosts;
  } catch (problem) {
    await connection.close();
    throw problem;
  }
}

const natsLimits: Partial<HostLinkLimits> = {
  receiveBytesMax: 16 * 1024 * 1024,
  outputBytesMax: 512 * 1024,
};

export class NatsHosts {
  private readonly options: NatsHostsOptions;
  private readonly limits: HostLinkLimits;
  private readonly subjects: Subjects;
  private readonly connection: NatsClient;
  private readonly checksum: Checksum;
  private readonly clock: Clock;
  private readonly linger: Linger;
  /** By the id that leads to them. */
  private readonly edges = new Map<string, NatsEdge>();
  private readonly kept = new Set<Redial>();
  private greeting = 0;
  private connected = true;
  private barred: MotesError | undefined = undefined;

  constructor(options: NatsHostsOptions, subjects: Subjects, connection: NatsClient, checksum: Checksum) {
    this.options = options;
    this.subjects = subjects;
    this.connection = connection;
    this.checksum = checksum;
    this.linger = new Linger(options.mayLinger);
    this.clock = options.clock ?? realClock;
    const given = { ...natsLimits, ...options.limits };
    const wanted = resolveLimits(given);
    const payloadBytesMax = connection.info?.max_payload ?? wanted.packetBytesMax;
    this.limits = resolveLimits({
      ...given,
      packetBytesMax: Math.min(wanted.packetBytesMax, payloadBytesMax),
    });
  }

  /** Once, by `openNats`. Rejects with `LINK_NATS` if this user may not hear what is meant for its host. */
  async listen(): Promise<void> {
    this.connection.subscribe(this.subjects.inbound, {
      callback: (problem, message) => {
        if (problem === null) return this.heard(message);
        this.barred = linkError("LINK_NATS", { why: problem.message }, problem);
        this.failAll(this.barred);
      },
    });
    void this.follow();
    await this.connection.flush();
    if (this.barred !== undefined) throw this.barred;
  }

  /** Dials now, and again whenever the link has ended, until it is closed. Throws `LINK_OPTION`. */
  keep(host: string, options?: RedialOptions): Redial {
    const redial = new Redial((watch) => this.dial(host, watch), this.clock, options);
    this.kept.add(redial);
    return redial;
  }

  /** A link that is still to come up: its events tell. Throws `LINK_OPTION` for what is no host's name. */
  dial(host: string, watch?: DialWatch): HostLink {
    if (!isHostName(host))
      throw linkError("LINK_OPTION", {
        option: "a host's name",
        expected: "letters, digits, - and _",
        got: host,
      });
    const id = newId();
    const edge = this.edge("dialer", host, id, this.subjects.to(host, "hello", id), watch);
    if (!this.connected || this.barred !== undefined) {
      const why = this.barred ?? linkError("LINK_UNREACHABLE", { where: host, why: "no connection to NATS" });
      queueMicrotask(() => edge.session.fail(why));
    }
    return edge.session;
  }

  /** Ends all links with this reason, then the connection; resolves when nothing is left. */
  async close(reason?: CloseReason): Promise<void> {
    for (const redial of this.kept) redial.close(reason);
    const edges = [...this.edges.values()];
    for (const { session } of edges) session.close(reason);
    await Promise.all(edges.map(({ gone }) => gone));
    // What was published last is on its way before the socket ends; a server that does not answer is not waited for.
    if (this.connected) await this.flushed();
    await this.connection.close();
  }

  private async flushed(): Promise<void> {
    let stop = (): void => {};
    const late = new Promise<void>((done) => {
      stop = this.clock.after(this.limits.detectMs, done);
    });
    await Promise.race([this.connection.flush().catch(() => {}), this.connection.closed(), late]);
    stop();
  }

  private heard({ subject, data, reply, headers }: NatsMessage): void {
    const read = this.subjects.read(subject);
    if (read === undefined) return;
    const { from, kind, id } = read;
    if (kind === "hello") return this.accept(from, id, data, reply);
    const edge = this.edges.get(id);
    // What was meant for a link that has ended.
    if (edge === undefined) return;
    // Another host speaks into a link that is not its own.
    if (from !== edge.host)
      return this.options.refused?.(linkError("LINK_UNEXPECTED", { expected: edge.host, got: from }), from);
    if (data.length === 0 && headers?.code === 503) {
      const why = "no host of this name is on NATS";
      return edge.session.fail(linkError("LINK_UNREACHABLE", { where: from, why }));
    }
    if (edge.unnamed) {
      const answer = reply === undefined ? undefined : this.subjects.readReply(reply, from);
      if (answer === undefined)
        return edge.session.fail(linkError("LINK_CORRUPT", { what: "an answer from nowhere" }));
      edge.name(this.subjects.to(from, "link", answer.id));
    }
    edge.receive(data);
  }

  private accept(from: string, id: string, data: Uint8Array, reply: string | undefined): void {
    const { greetingsMax = 64, refused } = this.options;
    const answer = reply === undefined ? undefined : this.subjects.readReply(reply, from);
    if (answer?.id !== id)
      return refused?.(linkError("LINK_CORRUPT", { what: "a hello from nowhere" }), from);
    if (this.greeting >= greetingsMax)
      return refused?.(linkError("LINK_CROWDED", { most: greetingsMax }), from);
    this.edge("acceptor", from, newId(), this.subjects.to(from, "link", id)).receive(data);
  }

  private edge(role: LinkRole, host: string, id: string, subject: string, watch?: DialWatch): NatsEdge {
    const { own, events, judge } = this.options;
    const { limits, checksum, clock, connection } = this;
    this.greeting++;
    let greeting = true;
    const greeted = (): void => {
      if (greeting) this.greeting--;
      greeting = false;
    };
    const edge = new NatsEdge({
      role,
      own,
      limits,
      checksum,
      clock,
      linger: this.linger,
      host,
      subject,
      reply: this.subjects.back(host, id),
      wire: {
        publish: (to, bytes, back) => {
          if (this.connected) connection.publish(to, bytes, back === undefined ? {} : { reply: back });
        },
        flush: () => connection.flush(),
      },
      // The server holds who may publish as whom: the name in the subject is proven, and the one in the hello must be it.
      judge: (peer) =>
        peer.name === host
          ? judge?.(peer, role)
          : linkError("LINK_UNEXPECTED", { expected: host, got: peer.name }),
      events: {
        up(link, peer) {
          greeted();
          watch?.up();
          events.up(link, peer);
        },
        asked: (link, lane) => events.asked(link, lane),
        down: (link, why, losses) => {
          greeted();
          this.edges.delete(id);
          events.down(link, why, losses);
          watch?.down(why);
        },
      },
    });
    this.edges.set(id, edge);
    return edge;
  }

  /** What becomes of the connection, until it is closed. */
  private async follow(): Promise<void> {
    for await (const status of this.connection.status()) this.changed(status);
  }

  private changed(status: NatsStatus): void {
    if (status.type === "disconnect" || status.type === "close") {
      this.connected = false;
      this.failAll(linkError("LINK_LOST", { why: "the connection to NATS was lost" }));
    } else if (status.type === "reconnect") {
      this.connected = true;
    } else if (status.type === "error" && status.error !== undefined) {
      this.denied(status.error);
    }
  }

  /** The server refuses what a link publishes: that link ends, and no other. */
  private denied(problem: Error): void {
    const why = natsError(problem, "NATS");
    const edges = [...this.edges.values()].filter(({ subject }) => problem.message.includes(`"${subject}"`));
    for (const { session } of edges) session.fail(why);
    if (edges.length === 0) this.options.refused?.(why, "NATS");
  }

  private failAll(why: MotesError): void {
    for (const { session } of this.edges.values()) session.fail(why);
  }
}

const newId = (): string => randomBytes(12).toString("hex");
