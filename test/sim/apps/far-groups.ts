/**
 * Groups over the hosts `a`, `b` and `c`: on each a hub, and members that join it. Once nothing goes wrong any more, all hubs have
 * all members that live, and no other.
 */
import { process, unikernel, type Ref, type Self, type Wait } from "../../../kernel/index.ts";
import { clusterGroups, type ClusterGroupsProtocol } from "../../../src/cluster/index.ts";
import type { ActorView, Simulation } from "../../../src/testing/index.ts";
import { child, supervisor, vm } from "../../../supervisors/index.ts";

type Job = { readonly type: "job" };
type Hub = Ref<ClusterGroupsProtocol<"all", Job>>;

const hub = clusterGroups<"all", Job>("members");

const member = process(
  function* (self: Self<Job>, to: Hub): Generator<Wait<unknown>, void, unknown> {
    yield* self.call(to, "join", "all", self.ref);
    for (;;) {
      for (const other of yield* self.call(to, "members", "all")) self.send(other, { type: "job" });
      yield* self.sleep(50 + self.random() * 100);
      while ((yield* self.receive({ job: () => true }, 0)) !== undefined);
    }
  },
  { label: "member" },
);

const backoff = { firstMs: 5, maxMs: 100 };
const intensity = { restarts: 1000, withinMs: 1000 };

function crew() {
  const own = child(hub, []);
  const joins = () => child(member, ({ refOf }) => [refOf(own)], { backoff });
  return supervisor({
    label: "crew",
    strategy: "rest_for_one",
    intensity,
    children: { own, one: joins(), two: joins() },
  });
}

const crewVm = unikernel({ name: "crew", root: crew() });

const root = supervisor({
  label: "far-groups",
  intensity,
  children: {
    here: child(crew(), []),
    b: vm(crewVm, [], { host: "b", bootTimeoutMs: 300, backoff }),
    c: vm(crewVm, [], { host: "c", bootTimeoutMs: 300, backoff }),
  },
});

export const farGroups = unikernel({ name: "far-groups", root, vms: [crewVm] });

/** What it holds at the end. */
export function groupsAgree(sim: Simulation<never>): string | undefined {
  const members = sim.actors("member").map(({ ref }) => ref.toString());
  if (members.length !== 6) return `${members.length} members live`;
  const expected = members.toSorted().join(" ");
  const hubs = sim.actors("groups members");
  if (hubs.length !== 3) return `${hubs.length} hubs live`;
  for (const each of hubs) {
    const known = membersOf(each, sim).toSorted().join(" ");
    if (known !== expected) return `${each.ref.toString()} has ${known}, and there are ${expected}`;
  }
  return undefined;
}

/** As the first host calls them. */
function membersOf({ ref, state }: ActorView, sim: Simulation<never>): readonly string[] {
  // Sound: this is what a hub keeps.
  const { replica } = state as { readonly replica: { members(group: "all"): readonly Ref<Job>[] } };
  const [first] = sim.hosts;
  return replica.members("all").map(({ host, vm: number, serial }) => {
    const at = host === "" ? ref.host : host;
    return at === "" || at === first?.address ? `<${number}.${serial}>` : `<${at}.${number}.${serial}>`;
  });
}
