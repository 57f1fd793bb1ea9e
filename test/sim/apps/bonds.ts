/**
 * Actors in three VMs that link, unlink, monitor and demonitor each other at random, stop and crash; each keeps book of its own
 * monitors and refuses a down message that it does not wait for.
 */
import {
  process,
  sameRef,
  unikernel,
  type Down,
  type Exit,
  type ProtocolOf,
  type Ref,
  type Self,
  type Wait,
} from "../../../kernel/index.ts";
import { child, supervisor, vm } from "../../../supervisors/index.ts";

interface Meet {
  readonly type: "meet";
  readonly peers: readonly Ref<Meet>[];
}

type Inbox = Meet | Down | Exit;

class Surprise extends Error {
  override name = "Surprise";
}

const member = process(
  function* (self: Self<Inbox>, trapping: boolean): Generator<Wait<unknown>, void, unknown> {
    self.trapExits(trapping);
    const open = new Set<number>();
    let peers: readonly Ref<Meet>[] = [];
    for (;;) {
      const message = yield* self.receive({ meet: () => true, down: () => true, exit: () => true }, 30);
      if (message?.type === "exit" && message.reason === "shutdown") return;
      if (message?.type === "meet") peers = message.peers.filter((peer) => !sameRef(peer, self.ref));
      else if (message?.type === "down" && !open.delete(message.monitor))
        throw new Surprise(`down ${message.monitor}`);
      const peer = peers[Math.floor(self.random() * peers.length)];
      if (peer === undefined) continue;
      const act = Math.floor(self.random() * 12);
      if (act < 3) open.add(self.monitor(peer));
      else if (act < 5) self.link(peer);
      else if (act < 6) self.unlink(peer);
      else if (act < 7) self.exit(peer, trapping ? "nudge" : "normal");
      else if (act < 8) {
        const [id] = open;
        if (id !== undefined) {
          self.demonitor(id);
          open.delete(id);
        }
      } else if (act < 9 && self.random() < 0.1) return;
      else if (act < 10 && self.random() < 0.05) throw new Error("enough");
    }
  },
  { label: "member" },
);

const crowd = supervisor({
  label: "crowd",
  intensity: { restarts: 100_000, withinMs: 1000 },
  children: {
    a: child(member, [true]),
    b: child(member, [false]),
    c: child(member, [true], { restart: "transient" }),
  },
});

const crowdVm = unikernel({ name: "crowd", root: crowd });

/** Tells all members of all others, again and again: restarted ones have new addresses. */
const introducer = process(
  function* (self: Self<never>, crowds: readonly CrowdRef[]): Generator<Wait<unknown>, void, unknown> {
    for (;;) {
      const peers: Ref<Meet>[] = [];
      for (const to of crowds) {
        for (const { ref } of yield* self.call(to, "whichChildren")) {
          // Sound: all children of a crowd are members.
          peers.push(ref as Ref<Meet>);
        }
      }
      for (const peer of peers) self.send(peer, { type: "meet", peers });
      yield* self.sleep(100);
    }
  },
  { label: "introducer" },
);

type CrowdRef = Ref<ProtocolOf<typeof crowd>>;

type Place = Parameters<typeof vm>[2];

function bondsOver(name: string, one?: Place, other?: Place) {
  const [here, there, elsewhere] = [child(crowd, []), vm(crowdVm, [], one), vm(crowdVm, [], other)];
  const root = supervisor({
    label: "bonds",
    intensity: { restarts: 1000, withinMs: 1000 },
    children: {
      here,
      there,
      elsewhere,
      introducer: child(introducer, ({ refOf }) => [[refOf(here), refOf(there), refOf(elsewhere)]]),
    },
  });
  return unikernel({ name, root, vms: [crowdVm] });
}

export const bonds = bondsOver("bonds");

/** The same with the crowds on three hosts: `a`, `b`, and `c` or else `b`. */
export const farBonds = bondsOver(
  "far-bonds",
  { host: "b", bootTimeoutMs: 300 },
  { host: ["c", "b"], bootTimeoutMs: 300 },
);
