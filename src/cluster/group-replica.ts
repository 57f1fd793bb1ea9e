/**
 * One host's copy of the groups of a cluster: who of which host is in which group. Each host alone says who of its own actors is where, and
 * others repeat it for as long as they are joined with it; what a host has never told itself is not believed. A state machine: links that come
 * and go and what travels on them come in, messages and changes go out.
 *
 * Invariant: once two hosts are joined, nothing is under way between them and nothing changes, each has exactly what the other has said
 * of itself, whatever was lost before.
 *
 * Semantics: OTP `pg`: memberships that may be repeated, those of a host vanish with the way to it, and come back with it.
 */
export type GroupMessage<G, M> =
  /** All of one host, in its present life: when a link has come up, and when it is asked for. */
  | {
      readonly type: "groups";
      readonly version: number;
      readonly members: readonly (readonly [G, M, number])[];
    }
  /** One more, or one less, of `member` in `group`: the change that made this version. */
  | {
      readonly type: "group";
      readonly version: number;
      readonly group: G;
      readonly member: M;
      readonly change: 1 | -1;
    }
  /** Some of what was said is missing here. */
  | { readonly type: "groups_please" };

export interface GroupSink<G, M> {
  /** To the host that is joined now; what is sent after its link has ended is lost. */
  send(host: string, message: GroupMessage<G, M>): void;
  /** Memberships of a group that came or went, here or elsewhere, in order; one that came twice is there twice. */
  changed(group: G, change: "joined" | "left", members: readonly M[]): void;
  /** What tells two members apart. */
  keyOf(member: M): string;
}

interface Membership<M> {
  readonly member: M;
  /** How often. */
  readonly count: number;
}

/** Who is where on one host, by group and by what tells members apart. */
class Roster<G, M> {
  readonly groups = new Map<G, Map<string, Membership<M>>>();
  private readonly keyOf: (member: M) => string;

  constructor(keyOf: (member: M) => string) {
    this.keyOf = keyOf;
  }

  count(group: G, member: M): number {
    return this.groups.get(group)?.get(this.keyOf(member))?.count ?? 0;
  }

  set(group: G, member: M, count: number): void {
    const members = this.groups.get(group) ?? new Map<string, Membership<M>>();
    if (count === 0) members.delete(this.keyOf(member));
    else members.set(this.keyOf(member), { member, count });
    if (members.size === 0) this.groups.delete(group);
    else this.groups.set(group, members);
  }

  *entries(): Generator<readonly [G, M, number]> {
    for (const [group, members] of this.groups)
      for (const { member, count } of members.values()) yield [group, member, count];
  }
}

/** Another host, as long as it is joined. */
interface Peer<G, M> {
  roster: Roster<G, M>;
  /** Of what it has said; -1: nothing yet. */
  version: number;
  /** It was asked for all. */
  asked: boolean;
}

export class GroupReplica<G extends string | number, M> {
  private readonly sink: GroupSink<G, M>;
  private readonly own: Roster<G, M>;
  private readonly peers = new Map<string, Peer<G, M>>();
  private version = 0;

  constructor(sink: GroupSink<G, M>) {
    this.sink = sink;
    this.own = this.roster();
  }

  /** Of an actor of this host. It may be in a group more than once. */
  join(group: G, member: M): void {
    this.change(group, member, 1);
  }

  /** Takes one membership back. False: there is none. */
  leave(group: G, member: M): boolean {
    if (this.own.count(group, member) === 0) return false;
    this.change(group, member, -1);
    return true;
  }

  /** An actor of this host has ended. A Map may shrink while it is walked. */
  ended(member: M): void {
    for (const [group, other, count] of this.own.entries())
      if (this.same(other, member)) for (let left = count; left > 0; left--) this.change(group, member, -1);
  }

  /** A link to it has come up. The host's name has its life in it: what another life has said is another host's. */
  hostUp(host: string): void {
    this.hostDown(host);
    this.peers.set(host, { roster: this.roster(), version: -1, asked: false });
    // It may have come up there before or after: whatever was said to one that did not listen yet is said again.
    this.sink.send(host, this.all());
    this.sink.send(host, { type: "groups_please" });
  }

  /** The way to it is lost, or it is: its members leave. */
  hostDown(host: string): void {
    const peer = this.peers.get(host);
    if (peer === undefined) return;
    this.peers.delete(host);
    this.replace(peer.roster, this.roster());
  }

  /** From a host that is joined; from others nothing is heard. */
  receive(host: string, message: GroupMessage<G, M>): void {
    const peer = this.peers.get(host);
    if (peer === undefined) return;
    if (message.type === "groups_please") return this.sink.send(host, this.all());
    const { version } = message;
    if (version <= peer.version) return;
    if (message.type === "groups") {
      const roster = this.roster();
      for (const [group, member, count] of message.members) roster.set(group, member, count);
      const before = peer.roster;
      peer.roster = roster;
      peer.version = version;
      peer.asked = false;
      return this.replace(before, roster);
    }
    const { group, member, change } = message;
    const count = peer.roster.count(group, member) + change;
    if (version === peer.version + 1 && count >= 0) {
      peer.version = version;
      peer.roster.set(group, member, count);
      return this.sink.changed(group, change === 1 ? "joined" : "left", [member]);
    }
    if (!peer.asked) this.sink.send(host, { type: "groups_please" });
    peer.asked = true;
  }

  /** Those of this host first. One that is there twice is here twice. */
  members(group: G): readonly M[] {
    const rosters = [this.own, ...Array.from(this.peers.values(), ({ roster }) => roster)];
    return rosters.flatMap(({ groups }) =>
      Array.from(groups.get(group)?.values() ?? [], ({ member, count }) => repeated(member, count)).flat(),
    );
  }

  /** Groups that have a member. */
  groups(): readonly G[] {
    const rosters = [this.own, ...Array.from(this.peers.values(), ({ roster }) => roster)];
    return [...new Set(rosters.flatMap(({ groups }) => [...groups.keys()]))];
  }

  private change(group: G, member: M, change: 1 | -1): void {
    this.own.set(group, member, this.own.count(group, member) + change);
    const version = ++this.version;
    for (const host of this.peers.keys())
      this.sink.send(host, { type: "group", version, group, member, change });
    this.sink.changed(group, change === 1 ? "joined" : "left", [member]);
  }

  /** Some of what was sent there was refused on the way. */
  repeat(host: string): void {
    if (this.peers.has(host)) this.sink.send(host, this.all());
  }

  private same(one: M, other: M): boolean {
    return this.sink.keyOf(one) === this.sink.keyOf(other);
  }

  private roster(): Roster<G, M> {
    return new Roster((member) => this.sink.keyOf(member));
  }

  private all(): GroupMessage<G, M> {
    return { type: "groups", version: this.version, members: [...this.own.entries()] };
  }

  /** Tells what is different. */
  private replace(before: Roster<G, M>, after: Roster<G, M>): void {
    for (const [group, member, count] of before.entries())
      this.tell(group, "left", member, count - after.count(group, member));
    for (const [group, member, count] of after.entries())
      this.tell(group, "joined", member, count - before.count(group, member));
  }

  private tell(group: G, change: "joined" | "left", member: M, count: number): void {
    if (count > 0) this.sink.changed(group, change, repeated(member, count));
  }
}

const repeated = <M>(member: M, count: number): readonly M[] => Array.from({ length: count }, () => member);
