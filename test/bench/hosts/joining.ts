/** How the two hosts of a bench join, and the second one as a process. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as elapse } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { issueHost, makeAuthority } from "../../../src/cert/certificate.ts";
import { find, type Host, type HostLog, type JoinOptions, type Name, type Ref } from "../../../src/index.ts";
import type { TcpAddress, TlsCredentials } from "../../../transports/index.ts";
import { NatsServer } from "../../support/nats-server.ts";

export interface Way {
  readonly way: "plain" | "tls" | "nats";
  /** Of NATS. */
  readonly server: string;
  readonly credentials: Readonly<Record<"a" | "b", TlsCredentials>> | undefined;
}

/** `peer`: where the other one listens. */
export function joinOf(
  name: "a" | "b",
  { way, server, credentials }: Way,
  peer: TcpAddress | undefined,
): JoinOptions {
  const other = name === "a" ? "b" : "a";
  if (way === "nats") return { name, nats: { servers: server, peers: [other] } };
  return {
    name,
    tcp: {
      security: credentials?.[name] ?? "plain",
      ...(peer === undefined ? { listen: { host: "127.0.0.1", port: 0 } } : { peers: { [other]: peer } }),
    },
  };
}

/** Joins `host`, as `a`, with another one, `b`, in a process of its own. `close` ends all but `host`. */
export async function joinOther(
  host: Host,
  way: Way["way"],
): Promise<{ readonly child: ChildProcess; close(): Promise<void> }> {
  const nats = way === "nats" ? await NatsServer.start() : undefined;
  const authority = makeAuthority("bench", { days: 1 });
  const issued = (name: string): TlsCredentials => ({
    ca: authority.cert,
    ...issueHost(authority, name, { days: 1 }),
  });
  const given: Way = {
    way,
    server: nats?.url ?? "",
    credentials: way === "tls" ? { a: issued("a"), b: issued("b") } : undefined,
  };
  const script = fileURLToPath(new URL("other.js", import.meta.url));
  const child = spawn(process.execPath, [script, JSON.stringify(given)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  // Sound: that program prints it.
  const peer = JSON.parse(line) as TcpAddress | null;
  await host.join(joinOf("a", given, peer ?? undefined));
  return {
    child,
    async close() {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "close");
        child.stdin.end();
        await ended;
      }
      await nats?.stop();
    },
  };
}

/** An actor of the other host's own VM, that has announced itself there. */
export async function found<M>(host: Host, name: Name<M>): Promise<Ref<M>> {
  while (host.otherHosts.length === 0) await elapse(5);
  const [to] = await find(host.self, name, host.otherHosts[0]?.ref);
  if (to === undefined) throw new Error(`the other host announces a ${name.text}`);
  return to;
}

/** What hosts say of their links is of no interest here. */
export const quiet: HostLog = { line: () => {} };

export function wayOf(word: string | undefined): Way["way"] {
  if (word === "plain" || word === "tls" || word === "nats") return word;
  throw new Error(`the way between the hosts must be plain, tls or nats, got ${word}`);
}
