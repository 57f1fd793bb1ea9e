/** Groups over several hosts: links that are cut and made again with what was on them, hosts that die and come back with another life. */
import { describe, expect, test } from "vitest";
import { GroupReplica, type GroupMessage } from "../../../src/cluster/group-replica.ts";
import { Random } from "../../../src/testing/random.ts";

type Replica = GroupReplica<string, string>;
type Sent = GroupMessage<string, string>;

/** What one side of a link has been sent and not heard. */
interface Way {
  readonly from: Life;
  readonly to: Life;
  readonly queue: Sent[];
  /** Whether the receiving side knows of the link. */
  up: boolean;
}

/** One life of a host, its replica, and what its changes add up to. */
class Life {
  readonly replica: Replica;
  readonly ways = new Map<Life, Way>();
  readonly seen = new Map<string, number>();
  readonly own: (readonly [group: string, member: string])[] = [];
  readonly name: string;
  private actors = 0;

  constructor(name: string) {
    this.name = name;
    this.replica = new GroupReplica({
      send: (host, message) => {
        for (const way of this.ways.values()) if (way.to.name === host) way.queue.push(message);
      },
      keyOf: (member) => member,
      changed: (group, change, members) => {
        for (const member of members) {
          const key = `${group} ${member}`;
          this.seen.set(key, (this.seen.get(key) ?? 0) + (change === "joined" ? 1 : -1));
        }
      },
    });
  }

  newActor(): string {
    return `${this.name}.${++this.actors}`;
  }

  /** As the replica answers. */
  get view(): readonly string[] {
    return listed(
      this.replica
        .groups()
        .flatMap((group) => this.replica.members(group).map((member) => [group, member] as const)),
    );
  }

  /** As its changes say. */
  get told(): readonly string[] {
    return [...this.seen].flatMap(([key, count]) => Array<string>(count).fill(key)).sort();
  }
}

const listed = (all: readonly (readonly [string, string])[]): readonly string[] =>
  all.map(([group, member]) => `${group} ${member}`).sort();

class World {
  readonly hosts: Life[];
  private readonly random: Random;
  private lives = 0;

  constructor(seed: number) {
    this.random = new Random(seed, 0);
    this.hosts = Array.from({ length: 2 + this.random.below(4) }, (_, index) => this.live(index));
  }

  /** One thing that happens, by chance. */
  step(): void {
    const { random, hosts } = this;
    const host = random.pick(hosts);
    const other = random.pick(hosts);
    if (host === undefined || other === undefined) return;
    const what = random.below(20);
    if (what < 6) this.join(host);
    else if (what < 9) this.leave(host);
    else if (what === 9) this.end(host);
    else if (what < 12 && host !== other) this.connect(host, other);
    else if (what === 12 && host !== other) this.cut(host, other);
    else if (what === 13 && random.chance(0.2)) this.restart(hosts.indexOf(host));
    else this.deliver(random.below(4));
  }

  heal(): void {
    for (const one of this.hosts) for (const other of this.hosts) if (one !== other) this.connect(one, other);
    while (this.deliver(1) > 0);
  }

  get everybody(): readonly string[] {
    return listed(this.hosts.flatMap(({ own }) => own));
  }

  private live(index: number): Life {
    return new Life(`h${index}~${++this.lives}`);
  }

  private join(host: Life): void {
    const known = this.random.pick(host.own)?.[1];
    const member = known !== undefined && this.random.chance(0.5) ? known : host.newActor();
    const group = `g${this.random.below(3)}`;
    host.own.push([group, member]);
    host.replica.join(group, member);
  }

  private leave(host: Life): void {
    const at = this.random.below(host.own.length + 1);
    const [entry] = host.own.splice(at, 1);
    if (entry === undefined) expect(host.replica.leave("g0", "nobody")).toBe(false);
    else expect(host.replica.leave(...entry)).toBe(true);
  }

  private end(host: Life): void {
    const member = this.random.pick(host.own)?.[1];
    if (member === undefined) return;
    host.own.splice(0, host.own.length, ...host.own.filter(([, other]) => other !== member));
    host.replica.ended(member);
  }

  /** Each side hears of it in its own time. */
  private connect(one: Life, other: Life): void {
    if (one.ways.has(other)) return;
    one.ways.set(other, { from: one, to: other, queue: [], up: false });
    other.ways.set(one, { from: other, to: one, queue: [], up: false });
    if (this.random.chance(0.5)) this.up(one, other);
  }

  private up(one: Life, other: Life): void {
    const way = other.ways.get(one);
    if (way === undefined || way.up) return;
    way.up = true;
    one.replica.hostUp(other.name);
  }

  private cut(one: Life, other: Life): void {
    if (!one.ways.has(other)) return;
    for (const [a, b] of [
      [one, other],
      [other, one],
    ] as const) {
      if (b.ways.get(a)?.up === true) a.replica.hostDown(b.name);
      // What is still under way is lost.
    }
    one.ways.delete(other);
    other.ways.delete(one);
  }

  private restart(index: number): void {
    const host = this.hosts[index];
    if (host === undefined) return;
    for (const other of host.ways.keys()) this.cut(host, other);
    this.hosts[index] = this.live(index);
  }

  /** Up to so many messages, each from the head of some way; first of all a side hears that it is up. */
  private deliver(most: number): number {
    let done = 0;
    for (; done < most; done++) {
      const ways = this.hosts.flatMap(({ ways: all }) => [...all.values()]);
      const way = this.random.pick(ways.filter(({ up, queue }) => !up || queue.length > 0));
      if (way === undefined) break;
      if (!way.up && (way.queue.length === 0 || this.random.chance(0.5))) {
        this.up(way.to, way.from);
        continue;
      }
      const message = way.queue.shift();
      if (message !== undefined) way.to.replica.receive(way.from.name, message);
    }
    return done;
  }
}

describe("group replica", () => {
  test("groups: after a cut has healed all hosts have the same members, whatever was lost (150 seeds)", () => {
    for (let seed = 1; seed <= 150; seed++) {
      try {
        const world = new World(seed);
        for (let round = 0; round < 3; round++) {
          for (let step = 0; step < 60; step++) {
            world.step();
            // Looked at by hand: it is done a hundred thousand times.
            for (const { told, view, name } of world.hosts)
              if (told.join() !== view.join())
                throw new Error(`${name} has told ${told.join()}, and has ${view.join()}`);
          }
          world.heal();
          for (const host of world.hosts) expect(host.view).toEqual(world.everybody);
        }
      } catch (problem) {
        throw new Error(`seed ${seed}`, { cause: problem });
      }
    }
  });

  test("groups: members of a host leave with the way to it and come back with it; nobody else's do", () => {
    const said: string[] = [];
    const sent: [string, Sent][] = [];
    const replica: Replica = new GroupReplica({
      send: (host, message) => sent.push([host, message]),
      keyOf: (member) => member,
      changed: (group, change, members) => said.push(`${group} ${change} ${members.join()}`),
    });
    replica.join("g", "own");
    replica.hostUp("b~1");
    expect(sent.splice(0)).toEqual([
      ["b~1", { type: "groups", version: 1, members: [["g", "own", 1]] }],
      ["b~1", { type: "groups_please" }],
    ]);
    replica.receive("b~1", { type: "groups", version: 4, members: [["g", "far", 2]] });
    expect(replica.members("g")).toEqual(["own", "far", "far"]);
    // Old news, what does not follow, and what nobody who is joined says.
    replica.receive("b~1", { type: "group", version: 4, group: "g", member: "far", change: -1 });
    replica.receive("c~1", { type: "groups", version: 1, members: [["g", "liar", 1]] });
    replica.receive("b~1", { type: "group", version: 7, group: "g", member: "far", change: 1 });
    replica.receive("b~1", { type: "group", version: 8, group: "g", member: "far", change: 1 });
    expect(sent.splice(0)).toEqual([["b~1", { type: "groups_please" }]]);
    replica.receive("b~1", {
      type: "groups",
      version: 8,
      members: [
        ["g", "far", 1],
        ["h", "far", 1],
      ],
    });
    replica.hostDown("b~1");
    expect(replica.groups()).toEqual(["g"]);
    expect(said).toEqual([
      "g joined own",
      "g joined far,far",
      "g left far",
      "h joined far",
      "g left far",
      "h left far",
    ]);
    expect(replica.leave("g", "own")).toBe(true);
    expect(replica.leave("g", "own")).toBe(false);
    expect(replica.groups()).toEqual([]);
  });
});
