/**
 * What a `clusterGroups` is behind its handlers: it finds the others of its label, monitors them and its members, and carries messages
 * between their replicas. What cannot be sent now is made good a second later, with all that there is; and so is a look at a host that
 * failed, or that a hub was lost of, for as long as the host is there.
 */
import {
  addressOf,
  announce,
  find,
  name,
  sameRef,
  task,
  type GroupChange,
  type HostProtocol,
  type HostDown,
  type HostUp,
  type Message,
  type Name,
  type Ref,
  type ServerSelf,
  type Wait,
} from "../../kernel/index.ts";
import { clusterError } from "./errors.ts";
import { type GroupMessage, GroupReplica } from "./group-replica.ts";

export type HubMessage<G extends string | number, M> =
  /** Between hubs: whoever hears of one that it does not know, knows it from then on. */
  | {
      readonly type: "groups_hub";
      readonly from: Ref<HubMessage<G, M>>;
      readonly words: GroupMessage<G, M>;
    }
  /** To itself. */
  | { readonly type: "groups_found"; readonly hubs: readonly Ref<HubMessage<G, M>>[] }
  /** To itself: there may be a hub on that host that is not known here. */
  | { readonly type: "groups_look"; readonly host: string }
  | { readonly type: "groups_repeat" };

const repeatMs = 1000;

type Steps<T> = Generator<Wait<unknown>, T, unknown>;

interface Monitored<T> {
  readonly what: T;
  readonly monitor: number;
}

export class GroupHub<G extends string | number, M> {
  readonly replica: GroupReplica<G, Ref<M>>;
  private readonly self: ServerSelf<HubMessage<G, Ref<M>> | HostUp | HostDown>;
  private readonly label: string;
  /** Those that are joined, and the own one, by what they are called in addresses. */
  private readonly hosts = new Map<string, Ref<HostProtocol>>();
  private readonly hubs = new Map<string, Monitored<Ref<HubMessage<G, Ref<M>>>>>();
  /** Of here, with the number of their memberships. */
  private readonly own = new Map<string, Monitored<Ref<M>> & { memberships: number }>();
  private readonly watchers = new Map<number, Ref<GroupChange<G, M>>>();
  /** Hubs that have not been sent all they should have. */
  private readonly behind = new Set<string>();
  private memberships = 0;
  private readonly membershipsMax: number;
  private readonly named: Name<HubMessage<G, Ref<M>>>;

  constructor(
    self: ServerSelf<HubMessage<G, Ref<M>> | HostUp | HostDown>,
    label: string,
    membershipsMax: number,
  ) {
    this.self = self;
    this.membershipsMax = membershipsMax;
    this.label = label;
    this.named = name(`groups ${label}`);
    this.replica = new GroupReplica<G, Ref<M>>({
      keyOf: (member) => member.toString(),
      send: (hub, words) => this.say(hub, words),
      changed: (group, change, members) => {
        for (const to of this.watchers.values())
          this.tell(to, { type: "group", scope: label, group, change, members });
      },
    });
  }

  /** First it can be found, then it looks: of two that start at once, one finds the other. */
  *open(): Steps<void> {
    const { self } = this;
    yield* announce(self, this.named);
    this.hostUp("", self.host);
    for (const { host, ref } of yield* self.call(self.host, "watchHosts", self.ref)) this.hostUp(host, ref);
  }

  hostUp(host: string, ref: Ref<HostProtocol>): void {
    this.hosts.set(host, ref);
    this.look(host);
  }

  /** Its hubs are heard of by their monitors. */
  hostDown(host: string): void {
    this.hosts.delete(host);
  }

  look(host: string): void {
    const { self, named } = this;
    const { ref } = self;
    const at = this.hosts.get(host);
    if (at === undefined) return;
    task(
      self,
      function* (inner): Steps<void> {
        try {
          inner.send(ref, { type: "groups_found", hubs: yield* find(inner, named, at) });
        } catch {
          yield* inner.sleep(repeatMs);
          inner.send(ref, { type: "groups_look", host });
        }
      },
      { timeoutMs: Infinity },
    );
  }

  found(hubs: readonly Ref<HubMessage<G, Ref<M>>>[]): void {
    for (const hub of hubs) if (!sameRef(hub, this.self.ref)) this.know(hub);
  }

  hear({ from, words }: Extract<HubMessage<G, Ref<M>>, { type: "groups_hub" }>): void {
    this.know(from);
    this.replica.receive(from.toString(), words);
  }

  join(group: G, member: Ref<M>): void {
    const { label, membershipsMax } = this;
    if (this.memberships >= membershipsMax) throw clusterError("GROUPS_FULL", { label, membershipsMax });
    const key = member.toString();
    const known = this.own.get(key);
    if (known === undefined)
      this.own.set(key, { what: member, monitor: this.self.monitor(member), memberships: 1 });
    else known.memberships++;
    this.memberships++;
    this.replica.join(group, member);
  }

  leave(group: G, member: Ref<M>): boolean {
    if (!this.replica.leave(group, member)) return false;
    const key = member.toString();
    const known = this.own.get(key);
    this.memberships--;
    if (known !== undefined && --known.memberships === 0) {
      this.self.demonitor(known.monitor);
      this.own.delete(key);
    }
    return true;
  }

  watch(to: Ref<GroupChange<G, M>>): readonly (readonly [G, readonly Ref<M>[]])[] {
    this.watchers.set(this.self.monitor(to), to);
    return this.replica.groups().map((group) => [group, this.replica.members(group)] as const);
  }

  down(monitor: number): void {
    if (this.watchers.delete(monitor)) return;
    for (const [key, hub] of this.hubs)
      if (hub.monitor === monitor) {
        this.hubs.delete(key);
        this.behind.delete(key);
        this.replica.hostDown(key);
        // It may be the way alone that is lost, and not the host.
        const { host } = addressOf(hub.what);
        this.self.sendAfter(repeatMs, this.self.ref, { type: "groups_look", host });
      }
    for (const [key, member] of this.own)
      if (member.monitor === monitor) {
        this.own.delete(key);
        this.memberships -= member.memberships;
        this.replica.ended(member.what);
      }
  }

  repeat(): void {
    const behind = [...this.behind];
    this.behind.clear();
    for (const hub of behind) this.replica.repeat(hub);
  }

  private know(hub: Ref<HubMessage<G, Ref<M>>>): void {
    const key = hub.toString();
    if (this.hubs.has(key)) return;
    this.hubs.set(key, { what: hub, monitor: this.self.monitor(hub) });
    this.replica.hostUp(key);
  }

  private say(key: string, words: GroupMessage<G, Ref<M>>): void {
    const { self, behind } = this;
    const hub = this.hubs.get(key);
    if (hub === undefined || this.tell(hub.what, { type: "groups_hub", from: self.ref, words })) return;
    if (behind.size === 0) self.sendAfter(repeatMs, self.ref, { type: "groups_repeat" });
    behind.add(key);
  }

  /** False: it was refused on the way. */
  private tell<T extends Message>(to: Ref<T>, message: NoInfer<T>): boolean {
    try {
      this.self.send(to, message);
      return true;
    } catch {
      return false;
    }
  }
}
