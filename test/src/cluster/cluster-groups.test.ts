import { afterEach, expect, test } from "vitest";
import {
  behaviorOf,
  CallMessage,
  process,
  refTo,
  type GroupChange,
  type HostProtocol,
  type Ref,
  type Self,
  type Wait,
} from "../../../kernel/index.ts";
import { clusterGroups, type ClusterGroupsProtocol } from "../../../src/cluster/index.ts";
import { LaneWay } from "../../../src/cluster/lane-way.ts";
import type { Host } from "../../../src/index.ts";
import { World } from "../../support/bridge.ts";
import { outcome, probe } from "../../support/probe.ts";
import { eventually } from "../eventually.ts";
import { ClusterLab, linked, parted, type Joined } from "./pair.ts";

const lab = new ClusterLab();
afterEach(() => lab.close());

type Job = { readonly type: "job" };
type Hub = Ref<ClusterGroupsProtocol<string, Job>>;
type Steps = Generator<Wait<unknown>, void, unknown>;

const workers = clusterGroups<string, Job>("workers");
/** Ends with its first job. */
const worker = process(function* (self: Self<Job>): Steps {
  yield* self.receive("job");
});

async function open({ host }: Joined): Promise<Hub> {
  const { ref } = await host.self.start(workers);
  return ref;
}

const counted = (host: Host, hub: Hub) => async () => (await host.self.call(hub, "members", "fast")).length;
const is = (count: number) => (found: number) => found === count;

test("cluster groups: members of all hosts are found on each, spoken to, and gone when they end", async () => {
  const [a, b] = await lab.pair();
  const [hubA, hubB] = [await open(a), await open(b)];
  const [one, two] = [a.host.self.spawn(worker), b.host.self.spawn(worker)];
  await a.host.self.call(hubA, "join", "fast", one);
  await b.host.self.call(hubB, "join", "fast", two);
  await b.host.self.call(hubB, "join", "fast", two);
  await eventually(counted(a.host, hubA), is(3));
  await eventually(counted(b.host, hubB), is(3));
  expect(await b.host.self.call(hubB, "leave", "fast", two)).toBe(true);
  expect(await b.host.self.call(hubB, "leave", "slow", two)).toBe(false);
  await eventually(counted(a.host, hubA), is(2));
  // In the order of hosts: the own ones first. The other is on the other host, and takes the job.
  const [, other] = await a.host.self.call(hubA, "members", "fast");
  if (other === undefined) throw new Error("no other");
  a.host.self.send(other, { type: "job" });
  await eventually(counted(a.host, hubA), is(1));
  await eventually(counted(b.host, hubB), is(1));
});

test("cluster groups: one that starts later, also on the same host, hears of all; one that ends takes its members along", async () => {
  const a = await lab.joined("a");
  const hubA = await open(a);
  await a.host.self.call(hubA, "join", "fast", a.host.self.spawn(worker));
  const near = await open(a);
  await eventually(counted(a.host, near), is(1));
  const b = await lab.joined("b", [a]);
  const hubB = await open(b);
  await eventually(counted(b.host, hubB), is(1));
  const changes: GroupChange<string, Job>[] = [];
  const watcher = b.host.self.spawn(
    process(function* (self: Self<GroupChange<string, Job>>): Steps {
      for (;;) changes.push(yield* self.receive("group"));
    }),
  );
  const [entry, ...more] = await b.host.self.call(hubB, "watch", watcher);
  expect([entry?.[0], entry?.[1].length, more.length]).toEqual(["fast", 1, 0]);
  await a.host.self.call(near, "join", "slow", a.host.self.spawn(worker));
  await eventually(
    () => changes.length,
    (count) => count === 1,
  );
  a.host.self.exit(hubA, "kill");
  a.host.self.exit(near, "kill");
  await eventually(
    () => changes.length,
    (count) => count === 3,
  );
  expect(changes.map(({ scope, group, change }) => `${scope} ${group} ${change}`).sort()).toEqual([
    "workers fast left",
    "workers slow joined",
    "workers slow left",
  ]);
});

test("cluster groups: cut off from each other each side has its own, changes them, and both have all when it has healed", async () => {
  const { a, b, box } = await lab.boxed();
  const [hubA, hubB] = [await open(a), await open(b)];
  const stays = a.host.self.spawn(worker);
  const leaves = b.host.self.spawn(worker);
  await a.host.self.call(hubA, "join", "fast", stays);
  await b.host.self.call(hubB, "join", "fast", leaves);
  await eventually(counted(a.host, hubA), is(2));
  await eventually(counted(b.host, hubB), is(2));
  box.cut();
  await Promise.all([parted(a, "b"), parted(b, "a")]);
  await eventually(counted(a.host, hubA), is(1));
  await eventually(counted(b.host, hubB), is(1));
  b.host.self.exit(leaves, "kill");
  const late = b.host.self.spawn(worker);
  await b.host.self.call(hubB, "join", "fast", late);
  await b.host.self.call(hubB, "join", "fast", b.host.self.spawn(worker));
  await a.host.self.call(hubA, "join", "fast", a.host.self.spawn(worker));
  box.heal();
  await Promise.all([linked(a, "b"), linked(b, "a")]);
  await eventually(counted(a.host, hubA), is(4));
  await eventually(counted(b.host, hubB), is(4));
});

test("cluster groups: more memberships than may be made here are refused, until some have ended", async () => {
  const { host } = await lab.joined("a");
  const { ref: hub } = await host.self.start(clusterGroups<string, Job>("few", { membershipsMax: 2 }));
  const one = host.self.spawn(worker);
  await host.self.call(hub, "join", "fast", one);
  await host.self.call(hub, "join", "slow", one);
  await expect(host.self.call(hub, "join", "fast", host.self.spawn(worker))).rejects.toMatchObject({
    code: "CALL_EXIT",
    details: { reason: { code: "GROUPS_FULL" } },
  });
  host.self.exit(one, "kill");
  await eventually(counted(host, hub), is(0));
  await host.self.call(hub, "join", "fast", host.self.spawn(worker));
});

test("cluster groups: hosts that lose the way between their hubs alone, and no link, find each other again", async () => {
  const [a, b] = await lab.pair();
  const ways: LaneWay[] = [];
  for (const { membership } of [a, b]) {
    const hosts = membership.switch;
    const reach = hosts.reach.bind(hosts);
    hosts.reach = (vm, peer) => {
      const way = reach(vm, peer);
      if (way instanceof LaneWay) ways.push(way);
      return way;
    };
  }
  const [hubA, hubB] = [await open(a), await open(b)];
  await a.host.self.call(hubA, "join", "fast", a.host.self.spawn(worker));
  await eventually(counted(b.host, hubB), is(1));
  const changes: string[] = [];
  const watcher = b.host.self.spawn(
    process(function* (self: Self<GroupChange<string, Job>>): Steps {
      for (;;) changes.push((yield* self.receive("group")).change);
    }),
  );
  await b.host.self.call(hubB, "watch", watcher);
  // Where both have asked, each has its end of the one lane.
  expect(ways.length).toBeGreaterThan(0);
  ways[0]?.close();
  await eventually(
    () => changes.join(),
    (text) => text === "left,joined",
  );
  await b.host.self.call(hubB, "join", "fast", b.host.self.spawn(worker));
  await eventually(counted(a.host, hubA), is(2));
});

/** A host with two VMs that have a hub each, in virtual time. It says who is there unless `silent`. */
class Hubs {
  readonly world = new World();
  readonly announced: Ref<never>[] = [];
  silent = false;
  private readonly zero = this.world.vm(0);
  readonly one = this.hub(1);
  readonly two = this.hub(2);

  constructor() {
    const hear = (call: CallMessage): void => {
      if (call.op === "announce") this.announced.push(refTo<never>(call.from));
      if (call.op === "find" && this.silent) return call.fail("refused", "silent");
      call.reply(call.op === "find" ? [...this.announced] : []);
    };
    const host = process(function* (self: Self<HostProtocol>): Steps {
      for (;;) {
        const call: unknown = yield* self.receive("$call");
        if (call instanceof CallMessage) hear(call);
      }
    });
    this.zero.kernel.spawn(behaviorOf(host), [], null);
  }

  pass(ms: number): void {
    this.world.run();
    for (const { platform } of [this.zero, this.one, this.two]) platform.nowMs += ms;
    this.world.run();
  }

  private hub(vm: number) {
    const { kernel, platform } = this.world.vm(vm);
    const { self } = probe(kernel);
    const start = (): Hub => self.spawn(workers);
    const joins = (hub: Hub): void => void self.call(hub, "join", "fast", self.spawn(worker));
    const counts = (hub: Hub): unknown => {
      const members = self.call(hub, "members", "fast");
      this.world.run();
      const told = outcome(members);
      return Array.isArray(told) ? told.length : told;
    };
    return { kernel, platform, start, joins, counts };
  }
}

test("cluster groups: a hub whose first words were refused on the way is heard later, and hears", () => {
  const hubs = new Hubs();
  const { world, one, two } = hubs;
  const first = one.start();
  one.joins(first);
  world.run();
  // What the second one says to the first is refused for a while, and it alone looks for the other.
  const way = world.bridge(2, 1);
  way.full = true;
  const second = two.start();
  two.joins(second);
  world.run();
  expect([one.counts(first), two.counts(second)]).toEqual([1, 1]);
  hubs.pass(500);
  way.full = false;
  hubs.pass(500);
  expect([one.counts(first), two.counts(second)]).toEqual([2, 2]);
});

test("cluster groups: a look at a host that fails is repeated", () => {
  const hubs = new Hubs();
  const { world, one, two } = hubs;
  const first = one.start();
  one.joins(first);
  world.run();
  hubs.silent = true;
  const second = two.start();
  hubs.pass(1500);
  expect(two.counts(second)).toBe(0);
  hubs.silent = false;
  hubs.pass(1000);
  expect(two.counts(second)).toBe(1);
});
