import {
  actor,
  crashOf,
  sameRef,
  task,
  type Call,
  type Cast,
  type Definition,
  type Down,
  type Exit,
  type Later,
  type Message,
  type Ref,
  type Self,
} from "../../kernel/index.ts";
import type { LeaseAnswer, LeaseRequest } from "./lease.ts";
import { decodeRecord, keyOf } from "./lease-record.ts";
import { request } from "./lease-request.ts";
import type { LeaseChange, LeaseStore } from "./lease-store.ts";

/** What one who has asked is told: the answer, and from the first request on what changes. */
export type LeaseNews =
  | { readonly type: "lease_answer"; readonly id: number; readonly answer: LeaseAnswer }
  | { readonly type: "lease_change"; readonly change: LeaseChange };

/** Who holds a name of the cluster. */
export interface ClusterHolder {
  /** Of one candidate in one of its lives. */
  readonly holder: string;
  /** Its fencing token. */
  readonly token: number;
  /** What it wants others to know. */
  readonly note: string;
}

export type LeaseKeeperProtocol =
  /** One step of a lease, for `elected`; the answer comes as `LeaseNews`, or not at all. */
  | Cast<"ask", [name: string, id: number, request: LeaseRequest, from: Ref<LeaseNews>]>
  /**
   * Who stands in the store for this name; it may be over by now, and only a token that is accepted says that it is not. Fails with
   * `CALL_EXIT`, whose reason has the code `LEASE_OPTION` or `LEASE_STORE`.
   */
  | Call<"holder", [name: string], ClusterHolder | undefined>;

interface Watcher {
  readonly key: string;
  readonly from: Ref<LeaseNews>;
  readonly monitor: number;
  readonly stop: () => void;
}

interface Desk {
  readonly self: Self<never>;
  readonly store: LeaseStore;
  watchers: Watcher[];
}

/**
 * An actor that owns a store of leases and asks it for others, also for those of VMs that have no network. One a host is enough. With NATS
 * its VM needs the devices `connect` and `store`, as the client may read certificates. Its arguments are those of `open`, and its start
 * fails with what that fails with.
 *
 * @example
 * const leases = child(leaseKeeper(() => natsLeaseStore({ server: { servers: "nats://nats-1:4222" }, cluster: "shop" })), []);
 */
export function leaseKeeper<A extends readonly unknown[] = []>(
  open: (...args: A) => LeaseStore | Promise<LeaseStore>,
): Definition<A, LeaseKeeperProtocol> {
  return actor({
    label: "lease keeper",
    init: async (self: Self<never>, ...args: A): Promise<Desk> => {
      self.trapExits();
      return { self, store: await open(...args), watchers: [] };
    },
    cast: {
      ask(desk, name: string, id: number, asked: LeaseRequest, from: Ref<LeaseNews>): void {
        const told = (answer: LeaseAnswer): void =>
          tell(desk.self, from, { type: "lease_answer", id, answer });
        const key = keyOrWhy(name);
        if (typeof key !== "string") return told(key);
        watch(desk, key, from);
        // Beside the others, as each may wait for a store that does not answer.
        task(desk.self, async () => told(await request(desk.store, key, asked)));
      },
    },
    call: {
      holder(desk, name: string): Later<ClusterHolder | undefined> {
        // What is wrong with a name, or with the store, is the caller's to hear.
        const caller = this.caller<ClusterHolder | undefined>();
        task(desk.self, async () => {
          try {
            caller.reply(await holderOf(desk.store, name));
          } catch (problem) {
            caller.fail(crashOf(problem));
          }
        });
        return caller.later;
      },
    },
    info: {
      down(desk, { monitor }: Down) {
        for (const watcher of desk.watchers) if (watcher.monitor === monitor) watcher.stop();
        desk.watchers = desk.watchers.filter((watcher) => watcher.monitor !== monitor);
      },
      exit(_desk, { reason }: Exit) {
        if (reason !== "normal") this.stop(reason);
      },
    },
    terminate: (desk) => desk.store.close(),
  });
}

function watch(desk: Desk, key: string, from: Ref<LeaseNews>): void {
  if (desk.watchers.some((watcher) => watcher.key === key && sameRef(watcher.from, from))) return;
  const stop = desk.store.watch(key, (change) => tell(desk.self, from, { type: "lease_change", change }));
  desk.watchers.push({ key, from, monitor: desk.self.monitor(from), stop });
}

/** Whoever cannot take it does without: it asks again, and its time runs meanwhile. */
function tell<T extends Message>(self: Self<never>, to: Ref<T>, news: NoInfer<T>): void {
  try {
    self.send(to, news);
  } catch {
    // Its carrier is full.
  }
}

function keyOrWhy(name: string): string | LeaseAnswer {
  try {
    return keyOf(name);
  } catch (problem) {
    return { type: "failed", why: problem instanceof Error ? problem.message : String(problem) };
  }
}

async function holderOf(store: LeaseStore, name: string): Promise<ClusterHolder | undefined> {
  const entry = await store.get(keyOf(name));
  const record = entry === undefined ? undefined : decodeRecord(entry.value);
  if (entry === undefined || record === undefined) return undefined;
  const { holder, note, token = entry.revision } = record;
  return { holder, note, token };
}
