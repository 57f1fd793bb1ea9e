/**
 * What a `clusterGroups` is behind its handlers: it finds the others of its label, monitors them and its members, and carries messages
 * between their replicas. What cannot be sent now is made good a second later, with all that there is.
 */
import {
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
  /** Between hubs; without words it only says that there is one. */
  | {
      readonly type: "groups_hub";
      readonly from: Ref<HubMessage<G, M>>;
      readonly words: GroupMessage<G, M> | undefined;
    }
  /** To itself. */
  | { readonly type: "groups_found"; readonly hubs: readonly Ref<HubMessage<G, M>>[] }
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
    this.look(self.host);
    for (const { ref } of yield* self.call(self.host, "watchHosts", self.ref)) this.look(ref);
  }

  look(host: Ref<HostProtocol>): void {
    const { self, named } = this;
    const { ref } = self;
    task(self, function* (inner): Steps<void> {
      try {
        const hubs = yield* find(inner, named, host);
        inner.send(ref, { type: "groups_found", hubs });
      } catch {
        // A host that cannot be asked is not there: when it comes up again, it is looked at again.
      }
    });
  }

  found(hubs: readonly Ref<HubMessage<G, Ref<M>>>[]): void {
    for (const hub of hubs) {
      if (sameRef(hub, this.self.ref) || this.hubs.has(hub.toString())) continue;
      this.tell(hub, { type: "groups_hub", from: this.self.ref, words: undefined });
      this.know(hub);
    }
  }

  hear({ from, words }: Extract<HubMessage<G, Ref<M>>, { type: "groups_hub" }>): void {
    if (words === undefined) this.know(from);
    else this.replica.receive(from.toString(), words);
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
