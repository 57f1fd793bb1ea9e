/**
 * Several machines on one: a network namespace each, joined by veth pairs to a bridge in a namespace of its own. A way from one to
 * another is cut by giving the sender a hardware address for the other that nobody has: what it sends is lost in silence, as it is where
 * a cable is out, while the way back stays. Namespaces end with `close`, or at the next `open` of anybody when their owner has died.
 */
import { type ChildProcess, spawn, spawnSync, type SpawnOptions } from "node:child_process";
import { existsSync } from "node:fs";

const prefix = "motes";
const nobody = "02:00:00:00:ff:ff";

/** Why there can be none; undefined if there can. */
export const missingNetwork: string | undefined = (() => {
  if (process.platform !== "linux") return "network namespaces are Linux's";
  const name = `${prefix}-${process.pid}-try`;
  const made = spawnSync("ip", ["netns", "add", name], { encoding: "utf8" });
  if (made.error !== undefined) return "ip (iproute2) is not installed";
  if (made.status !== 0) return `network namespaces need root: ${made.stderr.trim()}`;
  const joined = spawnSync("ip", ["-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", "eth1"]);
  spawnSync("ip", ["netns", "del", name]);
  return joined.status === 0 ? undefined : "this kernel makes no veth pairs";
})();

let networks = 0;

export class Network {
  private readonly id: string;
  private readonly names: readonly string[];

  private constructor(id: string, names: readonly string[]) {
    this.id = id;
    this.names = names;
  }

  /** Machines of these names, all of which reach each other. */
  static open(...names: readonly string[]): Network {
    sweep();
    const network = new Network(`${prefix}-${process.pid}-${++networks}`, names);
    try {
      network.make();
    } catch (problem) {
      network.close();
      throw problem;
    }
    return network;
  }

  address(name: string): string {
    return `10.77.0.${this.index(name) + 1}`;
  }

  /** A program on one of the machines. */
  spawn(name: string, command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
    return spawn("ip", ["netns", "exec", this.namespace(name), command, ...args], options);
  }

  /** What `from` sends to `to` is lost from now on. */
  cut(from: string, to: string): void {
    this.neighbour(from, to, nobody);
  }

  heal(from: string, to: string): void {
    this.neighbour(from, to, hardware(this.index(to)));
  }

  /** Both ways. */
  part(a: string, b: string): void {
    this.cut(a, b);
    this.cut(b, a);
  }

  join(a: string, b: string): void {
    this.heal(a, b);
    this.heal(b, a);
  }

  close(): void {
    for (const name of [...this.names, "bridge"]) spawnSync("ip", ["netns", "del", this.namespace(name)]);
  }

  private make(): void {
    const bridge = this.namespace("bridge");
    ip("netns", "add", bridge);
    ip("-n", bridge, "link", "add", "bridge", "type", "bridge");
    ip("-n", bridge, "link", "set", "bridge", "up");
    for (const [index, name] of this.names.entries()) {
      const space = this.namespace(name);
      ip("netns", "add", space);
      ip("-n", space, "link", "set", "lo", "up");
      ip("-n", space, "link", "add", "eth0", "type", "veth", "peer", "name", `port${index}`, "netns", bridge);
      ip("-n", space, "link", "set", "eth0", "address", hardware(index));
      ip("-n", space, "address", "add", `${this.address(name)}/24`, "dev", "eth0");
      ip("-n", space, "link", "set", "eth0", "up");
      ip("-n", bridge, "link", "set", `port${index}`, "master", "bridge", "up");
    }
    // Nobody has to ask who has which address, so that a way that is cut stays so.
    for (const from of this.names) for (const to of this.names) if (from !== to) this.heal(from, to);
  }

  private neighbour(from: string, to: string, address: string): void {
    const at = ["dev", "eth0", "lladdr", address, "nud", "permanent"];
    ip("-n", this.namespace(from), "neigh", "replace", this.address(to), ...at);
  }

  private namespace(name: string): string {
    return `${this.id}-${name}`;
  }

  private index(name: string): number {
    const index = this.names.indexOf(name);
    if (index < 0) throw new Error(`there is no machine ${name} in this network`);
    return index;
  }
}

const hardware = (index: number): string => `02:00:00:00:00:${(index + 1).toString(16).padStart(2, "0")}`;

function ip(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync("ip", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr.trim()}`);
  return stdout;
}

/** Namespaces of test processes that were killed. */
function sweep(): void {
  for (const line of ip("netns", "list").split("\n")) {
    const [name = ""] = line.split(" ");
    const owner = new RegExp(`^${prefix}-(\\d+)-`).exec(name)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) spawnSync("ip", ["netns", "del", name]);
  }
}
