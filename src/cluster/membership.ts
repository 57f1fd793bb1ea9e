import { randomBytes } from "node:crypto";
import { isMotesError, type MotesError } from "../../kernel/index.ts";
import {
  type HostIdentity,
  type NatsHosts,
  openNats,
  openTcp,
  type Redial,
  type RedialOptions,
  type TcpAddress,
  type TcpHosts,
} from "../../transports/index.ts";
import { srcError } from "../errors.ts";
import { Flood } from "../host/flood.ts";
import type { LogLine } from "../targets/target.ts";
import type { HostInfo, JoinOptions } from "./join-options.ts";
import { Switch, type SwitchOptions } from "./switch.ts";

const leaving = { code: "host_left", text: "the host leaves the cluster" };

/** What it asks of its host, beside what its switch does. */
export interface MembershipPart {
  /** Whether there is a core to spare for waiting awake. */
  mayLinger(): boolean;
}

/**
 * One host's part in a cluster: where it listens, whom it dials, and the switch between its links. Owns the networks; nothing of them
 * is left after `leave`.
 */
export class Membership {
  readonly own: HostIdentity;
  readonly switch: Switch;
  private readonly options: JoinOptions;
  private readonly part: MembershipPart;
  private readonly lines: Flood;
  private readonly dials = new Map<string, Redial[]>();
  private tcp: TcpHosts | undefined = undefined;
  private nats: NatsHosts | undefined = undefined;
  private listening: TcpAddress | undefined = undefined;

  /** Throws `JOIN_NOWHERE`. */
  constructor(options: JoinOptions, part: Omit<SwitchOptions, "own" | "dialling"> & MembershipPart) {
    if (options.tcp === undefined && options.nats === undefined) throw srcError("JOIN_NOWHERE", undefined);
    const { name, cluster = "motes" } = options;
    this.options = options;
    this.part = part;
    // Whoever can reach this host can have a line written.
    this.lines = new Flood(part.log, () => {});
    this.own = { cluster, name, incarnation: randomBytes(5).toString("hex"), features: [] };
    this.switch = new Switch({
      ...part,
      own: this.own,
      log: (line) => this.log(line),
      dialling: (peer) => this.dials.get(peer)?.some(({ link }) => link?.state === "greeting") === true,
      changed: (news) => {
        part.changed(news);
        if (news.type === "hostdown") for (const dial of this.dials.get(news.host.name) ?? []) dial.resume();
      },
    });
  }

  /** Once. Rejects with `LINK_OPTION`, `LINK_TLS`, `LINK_PLAIN`, `LINK_NATS`, `LINK_UNREACHABLE` (of NATS), `HOST_LISTEN`. */
  async open(): Promise<void> {
    try {
      await this.openTcp();
      await this.openNats();
    } catch (problem) {
      await this.leave();
      throw problem;
    }
  }

  /** Where this host listens: the port that it was given. */
  get address(): TcpAddress | undefined {
    return this.listening;
  }

  /** Those that are linked with this one now. */
  get hosts(): readonly HostInfo[] {
    return this.switch.neighbours.map(({ other: { name, host }, link: { statistics }, sinceMs }) => ({
      name,
      host,
      sinceMs,
      lanes: statistics.lanes,
      roundTripMs: statistics.roundTripMs,
    }));
  }

  /** Ends all links and listeners; resolves when nothing is left. */
  async leave(): Promise<void> {
    await Promise.all([this.tcp?.close(leaving), this.nats?.close(leaving)]);
    this.lines.close();
  }

  private async openTcp(): Promise<void> {
    const { tcp: given } = this.options;
    if (given === undefined) return;
    const { listen, peers = {}, security } = given;
    this.tcp = await openTcp({
      ...this.common(),
      security,
      warn: (text) => this.log({ level: "warn", text }),
    });
    if (listen !== undefined) this.listening = await this.listen(this.tcp, listen);
    for (const [name, address] of Object.entries(peers))
      if (name !== this.own.name)
        this.dial(name, this.tcp.keep({ ...address, expect: name }, this.redial(name)));
  }

  private async listen(tcp: TcpHosts, address: TcpAddress): Promise<TcpAddress> {
    try {
      return await tcp.listen(address);
    } catch (problem) {
      if (isMotesError(problem)) throw problem;
      const where = `${address.host}:${address.port}`;
      throw srcError("HOST_LISTEN", { where, why: String(problem) }, problem);
    }
  }

  private async openNats(): Promise<void> {
    const { nats: given } = this.options;
    if (given === undefined) return;
    const { peers = [], prefix, ...server } = given;
    this.nats = await openNats({ ...this.common(), server, ...(prefix === undefined ? {} : { prefix }) });
    for (const name of peers)
      if (name !== this.own.name) this.dial(name, this.nats.keep(name, this.redial(name)));
  }

  private common() {
    const { limits } = this.options;
    return {
      own: this.own,
      events: this.switch.events,
      judge: this.switch.judge.bind(this.switch),
      mayLinger: () => this.part.mayLinger(),
      refused: (why: MotesError, from: string) =>
        this.log({ level: "warn", text: `refused ${from}: ${why.message}`, details: { code: why.code } }),
      ...(limits === undefined ? {} : { limits }),
    };
  }

  private redial(name: string): RedialOptions {
    // Told once, until something else is the matter.
    let told = "";
    return {
      ...this.options.redial,
      needless: () => this.switch.named(name) !== undefined,
      failed: ({ code, message }) => {
        if (this.switch.named(name) !== undefined || told === message) return;
        told = message;
        this.log({ level: "warn", text: `no link with the host ${name}: ${message}`, details: { code } });
      },
    };
  }

  private log(line: LogLine): void {
    this.lines.log(line);
  }

  private dial(name: string, redial: Redial): void {
    this.dials.set(name, [...(this.dials.get(name) ?? []), redial]);
  }
}
