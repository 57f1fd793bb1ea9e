/** A cloud over three hosts, each a process, with its store in NATS: hosts and the leader are killed, and it is true again. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { fixture } from "../src/lab.ts";
import { motes, type Running } from "../support/motes.ts";
import { missingNats, NatsServer } from "../support/nats-server.ts";
import { leftToCi, testWith } from "../support/required.ts";

const names = ["one", "two", "three"] as const;

interface Event {
  readonly type: string;
  readonly host?: string;
}

/** What it has said of its cloud, in order. */
const eventsOf = ({ stdout }: Running): readonly Event[] =>
  stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Event);

// Half a minute of waiting for leases to end.
const missing = leftToCi(missingNats, "half a minute");

testWith(
  missing,
  "cloud: over three hosts: one is killed, then the one that leads, and each time it is true again",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "motes-hosts-"));
    const env = { XDG_RUNTIME_DIR: folder, MOTES_RUNTIME_DIR: folder };
    const server = await NatsServer.start(`jetstream { store_dir: "DIR/js" }`);
    const running = new Map<string, Running>();
    const start = (name: string, ...args: readonly string[]): Running => {
      const peers = names.filter((each) => each !== name).flatMap((each) => ["--peer", each]);
      const options = ["--nats", server.url, "--name", name, "--json", "--memory", "1000", ...peers];
      const host = motes(["cloud", ...args, ...options], env);
      running.set(name, host);
      return host;
    };
    const placesOf = async (asked: string) => {
      const { stdout } = await motes(["cloud", "status", "--host", asked, "--json"], env).ended;
      const { leader, converged, hosts } = JSON.parse(stdout) as {
        readonly converged: boolean;
        readonly leader: string;
        readonly hosts: readonly { readonly host: string; readonly vms: number; readonly up: boolean }[];
      };
      const places = hosts.filter(({ up }) => up).map(({ host, vms }) => [host, vms]);
      return { leader, converged, vms: Object.fromEntries(places) as Record<string, number> };
    };
    try {
      const one = start("one", "up", fixture("cloud/spread"));
      await one.says(/"type":"leading"/);
      start("two", "join", "spread");
      // One VM to a host: only with the second one it can be true.
      await one.says(/"type":"host_up","host":"two"[^]*"type":"converged"/);
      const three = start("three", "join", "spread");
      await one.says(/"type":"host_up","host":"three"/);

      // What it ran is elsewhere when it is given up.
      running.get("two")?.kill();
      await one.says(/"type":"host_lost","host":"two"[^]*"type":"converged"/);
      expect(await placesOf("one")).toEqual({ leader: "one", converged: true, vms: { one: 1, three: 1 } });
      const two = start("two", "join", "spread");
      await one.says(/"type":"host_lost","host":"two"[^]*"type":"host_up","host":"two"/);

      // The lead, and what the leader ran.
      one.kill();
      const again = /"type":"leading"[^]*"type":"converged"/;
      const next = await Promise.race([
        two.says(again).then(() => "two"),
        three.says(again).then(() => "three"),
      ]);
      expect(await placesOf(next)).toEqual({ leader: next, converged: true, vms: { two: 1, three: 1 } });
      const led = [two, three].map((host) => eventsOf(host).filter(({ type }) => type === "leading").length);
      expect(led.sort()).toEqual([0, 1]);

      // Who does not lead takes orders too, and knows when they are done.
      const follower = next === "two" ? "three" : "two";
      const order = (...args: readonly string[]) => motes(["cloud", ...args, "--host", follower], env).ended;
      const scaled = await order("scale", "mote=1", "--json");
      expect(JSON.parse(scaled.stdout)).toMatchObject({
        converged: true,
        roles: [{ wanted: 1, running: 1 }],
      });
      expect([scaled.code, (await order("down")).code]).toEqual([0, 0]);
      expect((await running.get(follower)?.ended)?.code).toBe(0);
    } finally {
      for (const host of running.values()) {
        host.kill();
        await host.ended;
      }
      await server.stop();
      rmSync(folder, { recursive: true });
    }
  },
  90_000,
);

testWith(
  missing,
  "cloud: a store that is away for so long that VMs are held costs none of them its state",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "motes-hosts-"));
    const env = { XDG_RUNTIME_DIR: folder, MOTES_RUNTIME_DIR: folder };
    const server = await NatsServer.start(`jetstream { store_dir: "DIR/js" }`);
    const options = ["--nats", server.url, "--name", "one", "--json"];
    const one = motes(["cloud", "up", fixture("cloud/dust"), ...options], env);
    const running = async () => {
      const { stdout } = await motes(["ps", "--json"], env).ended;
      const vms = JSON.parse(stdout) as readonly { readonly name: string; readonly bootedAtMs: number }[];
      return vms.map(({ name, bootedAtMs }) => `${name} ${bootedAtMs}`).toSorted();
    };
    try {
      await one.says(/"type":"converged"/);
      const before = await running();
      expect(before).toHaveLength(4);
      await server.kill();
      await one.says(/"type":"store_down"/);
      await server.run();
      await one.says(/"type":"store_up"[^]*"type":"leading"[^]*"type":"converged"/);
      expect(await running()).toEqual(before);
      expect(one.stdout).not.toContain('"type":"crashed"');
    } finally {
      one.kill();
      await one.ended;
      await server.stop();
      rmSync(folder, { recursive: true });
    }
  },
  90_000,
);
