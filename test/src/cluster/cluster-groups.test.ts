import { afterEach, expect, test } from "vitest";
import { process, type GroupChange, type Ref, type Self, type Wait } from "../../../kernel/index.ts";
import { clusterGroups, type ClusterGroupsProtocol } from "../../../src/cluster/index.ts";
import type { Host } from "../../../src/index.ts";
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
