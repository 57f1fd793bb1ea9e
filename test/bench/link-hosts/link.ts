/** Two hosts in two threads, joined by a link: the sender and the one that answers. */
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { issueHost, makeAuthority } from "../../../src/cert/certificate.ts";
import {
  openNats,
  openTcp,
  type HostIdentity,
  type HostLink,
  type HostLinkEvents,
  type Lane,
  type TcpHostsOptions,
} from "../../../transports/index.ts";
import { NatsServer } from "../../support/nats-server.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";
import {
  announcement,
  number,
  numberOf,
  recordBytes,
  sumOf,
  sumRecord,
  Tally,
  warmUp,
  type Work,
} from "./work.ts";

type Way = "plain" | "tls" | "nats";

interface Setup {
  readonly work: Work;
  readonly way: Way;
  readonly security: TcpHostsOptions["security"];
  readonly servers: string;
}

const host = (name: string): HostIdentity => ({ cluster: "bench", name, incarnation: "1", features: [] });

function listening(asked: (lane: Lane) => void, up: (link: HostLink) => void): HostLinkEvents {
  return {
    up,
    asked: (_link, lane) => asked(lane),
    down: (_link, why) => {
      if (why.code !== "LINK_CLOSED") throw why;
    },
  };
}

/** Reads a lane whenever there is something, and writes what its reader says. */
class Talk {
  private readonly lane: Lane;
  private readonly each: (data: Uint8Array) => void;
  /** Writes what is left to write, as far as it goes; the length of what waits, -1 if nothing does. */
  more: () => number = () => -1;
  private readonly data: Uint8Array;

  constructor(lane: Lane, each: (data: Uint8Array) => void) {
    this.lane = lane;
    this.each = each;
    this.data = new Uint8Array(lane.maxRecordBytes);
    lane.wake = () => this.go();
  }

  go(): void {
    const { lane, data } = this;
    lane.awake();
    let waits = -1;
    do {
      while (lane.read(data) >= 0) this.each(data);
      waits = this.more();
      lane.publish();
    } while (lane.state !== "closed" && !lane.prepareSleep(waits));
  }
}

async function answer({ work, way, security, servers }: Setup): Promise<void> {
  const tally = new Tally();
  const events = listening(
    (lane) => {
      lane.accept();
      const talk = new Talk(lane, (data) => {
        if (work === "round-trips") return void lane.write(data, recordBytes);
        const sum = tally.take(data, 0);
        if (sum !== undefined) lane.write(sumRecord(sum), recordBytes);
      });
      talk.go();
    },
    () => {},
  );
  if (way === "nats") {
    await openNats({ own: host("b"), events, server: { servers } });
    parentPort?.postMessage(0);
  } else {
    const hosts = await openTcp({ own: host("b"), events, security });
    const { port } = await hosts.listen({ host: "127.0.0.1", port: 0 });
    parentPort?.postMessage(port);
  }
}

/** What one run of so many sums up to. */
function run(lane: Lane, work: Work, count: number): Promise<number> {
  return new Promise((done) => {
    const record = new Uint8Array(recordBytes);
    let sent = 0;
    let sum = 0;
    const talk = new Talk(lane, (data) => {
      if (work === "one-way") return done(sumOf(data, 0));
      sum += numberOf(data);
      if (sent === count) return done(sum);
      number(record, ++sent);
      lane.write(record, recordBytes);
    });
    if (work === "one-way") {
      lane.write(announcement(count), recordBytes);
      talk.more = () => {
        while (sent < count) {
          number(record, sent + 1);
          if (!lane.write(record, recordBytes)) return recordBytes;
          sent++;
        }
        return -1;
      };
    } else {
      number(record, ++sent);
      lane.write(record, recordBytes);
    }
    talk.go();
  });
}

async function ask(work: Work, way: Way): Promise<void> {
  const server = way === "nats" ? await NatsServer.start() : undefined;
  const authority = makeAuthority("bench", { days: 1 });
  const securityOf = (name: string): TcpHostsOptions["security"] =>
    way === "tls" ? { ca: authority.cert, ...issueHost(authority, name, { days: 1 }) } : "plain";
  const setup: Setup = { work, way, security: securityOf("b"), servers: server?.url ?? "" };
  const worker = new Worker(new URL(import.meta.url), { workerData: setup });
  const port = await new Promise<number>((ready) => worker.once("message", ready));
  let found: (lane: Lane) => void = () => {};
  const opened = new Promise<Lane>((done) => {
    found = done;
  });
  const events = listening(
    () => {},
    (link) => {
      const asked = link.open(1, 2);
      asked.wake = () => found(asked);
      asked.prepareSleep(0);
    },
  );
  const end =
    server === undefined ? await dialTcp(events, securityOf("a"), port) : await dialNats(events, server.url);
  const lane = await opened;
  const count = askedCount();
  await run(lane, work, warmUp);
  const start = nowNs();
  const sum = await run(lane, work, count);
  printSample({ work: count, elapsedNs: nowNs() - start, check: String(sum) });
  await end();
  await worker.terminate();
  await server?.stop();
  process.exit();
}

async function dialTcp(
  events: HostLinkEvents,
  security: TcpHostsOptions["security"],
  port: number,
): Promise<() => Promise<void>> {
  const hosts = await openTcp({ own: host("a"), events, security });
  hosts.dial({ host: "127.0.0.1", port });
  return () => hosts.close();
}

async function dialNats(events: HostLinkEvents, servers: string): Promise<() => Promise<void>> {
  const hosts = await openNats({ own: host("a"), events, server: { servers } });
  hosts.dial("b");
  return () => hosts.close();
}

// Sound: the main thread's own object, and the arguments that the bench gives.
if (isMainThread) await ask(process.argv[2] as Work, process.argv[3] as Way);
else await answer(workerData as Setup);
