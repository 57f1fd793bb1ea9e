/**
 * Candidates on hosts whose clocks drift, which stand still and die, around a store that is cut off, late, forgetful of answers and repeats
 * itself; and a resource that takes what comes with a token no smaller than the greatest it has seen. Everything by one seed.
 */
import { Lease, type LeaseAnswer, type LeaseRequest } from "../../../src/cluster/lease.ts";
import type { LeaseEntry } from "../../../src/cluster/lease-store.ts";
import { Random } from "../../../src/testing/random.ts";
import { Once, Schedule } from "../../../src/testing/schedule.ts";

export interface WorldOptions {
  readonly seed: number;
  /** Each clock is wrong by up to so much: 0.09 is 9 %. */
  readonly drift: number;
  /** Faults stop here; the world goes on for a while to see that somebody holds the lease in the end. */
  readonly faultsMs?: number;
}

export interface WorldResult {
  readonly grants: number;
  readonly accepted: number;
  readonly refused: number;
  /** Moments at which two thought that they hold it. */
  readonly doubles: number;
  /** From the end of the faults until somebody held it. */
  readonly healedMs: number;
  readonly wrong: readonly string[];
}

const ttls: readonly number[] = [500, 1000, 2000];

export class World {
  nowMs = 0;
  readonly random: Random;
  readonly store: Store;
  readonly resource = new Resource();
  readonly wrong: string[] = [];
  readonly grantedBy = new Map<number, string>();
  readonly drift: number;
  calm = false;
  doubles = 0;
  lives = 0;
  private readonly schedule: Schedule;
  private readonly hosts: Host[];

  constructor({ seed, drift }: WorldOptions) {
    this.drift = drift;
    this.random = new Random(seed, 0);
    this.schedule = new Schedule(new Random(seed, 1));
    this.store = new Store(this);
    this.hosts = Array.from({ length: 2 + this.random.below(3) }, () => new Host(this));
  }

  in(delayMs: number, act: () => void): void {
    this.schedule.set(new Once(act), this.nowMs + delayMs);
  }

  /** Does what is due up to there, or until it is so. */
  run(untilMs: number, isSo: () => boolean = () => false): void {
    for (
      let { first } = this.schedule;
      first !== undefined && first.atMs <= untilMs;
      { first } = this.schedule
    ) {
      this.schedule.remove(first);
      this.nowMs = first.atMs;
      first.happen();
      this.look();
      if (isSo()) return;
    }
    this.nowMs = untilMs;
  }

  get holders(): readonly Host[] {
    return this.hosts.filter((host) => host.token !== undefined);
  }

  heal(): void {
    this.calm = true;
    this.store.down = false;
    for (const host of this.hosts) host.heal();
  }

  private look(): void {
    let count = 0;
    for (const host of this.hosts) if (host.token !== undefined) count++;
    if (count > 1) this.doubles++;
  }
}

class Host {
  cut = false;
  private readonly world: World;
  private readonly rate: number;
  private readonly startMs: number;
  private life = "";
  /** The token that it was granted and has not heard to be lost; 0: none. */
  private held = 0;
  private lease: Lease;
  private awakeMs = 0;
  private tickAtMs = Infinity;

  constructor(world: World) {
    const { random } = world;
    this.world = world;
    // Half of them as wrong as may be.
    this.rate = 1 + world.drift * (random.chance(0.5) ? 2 * random.below(2) - 1 : 2 * random.next() - 1);
    this.startMs = random.next() * 1e6;
    this.lease = this.begin();
    this.acts();
    this.faults();
  }

  /** What it would find if it looked now; one that stands still does not look, and would find no more. */
  get token(): number | undefined {
    return this.lease.leftMs(this.held, this.localMs) > 0 ? this.held : undefined;
  }

  heal(): void {
    this.cut = false;
    this.rejoin();
  }

  private get localMs(): number {
    return this.startMs + this.world.nowMs * this.rate;
  }

  private begin(): Lease {
    const { world } = this;
    const life = `life-${++world.lives}`;
    this.life = life;
    this.held = 0;
    const lease = new Lease(
      { name: "it", holder: life, ttlMs: world.random.pick(ttls) ?? 1000 },
      {
        ask: (id, request) => {
          world.store.ask(this, request, (answer) => {
            if (this.life === life) this.does(() => lease.answer(this.localMs, id, answer));
          });
        },
        granted: (token) => {
          if (this.held !== 0) world.wrong.push(`${life} was granted ${token} while it held ${this.held}`);
          if (world.grantedBy.has(token)) world.wrong.push(`${token} was granted twice`);
          world.grantedBy.set(token, life);
          this.held = token;
        },
        lost: (_why, token) => {
          if (this.held !== token) world.wrong.push(`${life} lost ${token} and held ${this.held}`);
          this.held = 0;
        },
        problem: () => {},
      },
    );
    this.lease = lease;
    world.store.watchers.set(this, (entry, revision) => {
      if (this.life === life) this.does(() => lease.noticed(this.localMs, { revision, value: entry?.value }));
    });
    this.does(() => lease.tick(this.localMs));
    return lease;
  }

  /** Now, or when it runs again. */
  private does(act: () => void): void {
    const { world, life } = this;
    if (world.nowMs < this.awakeMs) {
      world.in(this.awakeMs - world.nowMs + world.random.next(), () => {
        if (this.life === life) this.does(act);
      });
      return;
    }
    act();
    // After the constructor of the lease has returned.
    if (this.lease !== undefined) this.arm();
  }

  private arm(): void {
    const { world } = this;
    const atMs =
      world.nowMs + Math.max(0, (this.lease.nextMs - this.localMs) / this.rate) + world.random.next() * 20;
    // One that is due before does for it.
    if (this.tickAtMs <= atMs && this.tickAtMs >= world.nowMs) return;
    if (atMs === Infinity) return;
    this.tickAtMs = atMs;
    world.in(atMs - world.nowMs, () => {
      if (this.tickAtMs === atMs) this.tickAtMs = Infinity;
      this.does(() => this.lease.tick(this.localMs));
    });
  }

  /** Looks, acts, and what it does arrives some time later. */
  private acts(): void {
    const { world } = this;
    world.in(world.random.between([10, 150]), () => {
      this.acts();
      if (world.nowMs < this.awakeMs) return;
      const { token, life } = this;
      if (token === undefined) return;
      const lateMs = world.random.chance(0.05) ? world.random.between([0, 4000]) : world.random.next() * 5;
      world.in(lateMs, () => world.resource.take(token, life, world.wrong));
    });
  }

  private faults(): void {
    const { world } = this;
    const { random } = world;
    world.in(random.between([50, 3000]), () => {
      this.faults();
      if (world.calm) return;
      const what = random.below(10);
      if (what < 4) this.awakeMs = world.nowMs + random.between([1, random.chance(0.5) ? 300 : 4000]);
      else if (what < 7) {
        this.cut = true;
        world.in(random.between([1, 3000]), () => {
          this.cut = false;
        });
      } else if (what === 7) this.begin();
      else if (what === 8) this.does(() => void (world.calm || this.lease.release(this.localMs)));
      else this.rejoin();
    });
  }

  private rejoin(): void {
    if (this.lease.state === "leaving" || this.lease.state === "left") this.begin();
  }
}

type Answered = (answer: LeaseAnswer) => void;

class Store {
  down = false;
  readonly watchers = new Map<Host, (entry: LeaseEntry | undefined, revision: number) => void>();
  private readonly world: World;
  private entry: LeaseEntry | undefined = undefined;
  private before: LeaseEntry | undefined = undefined;
  private revision = 0;

  constructor(world: World) {
    this.world = world;
    this.faults();
  }

  ask(host: Host, request: LeaseRequest, answered: Answered): void {
    const { world } = this;
    const { random } = world;
    // What cannot be sent is lost, or goes out when it can be.
    if (this.isAway(host)) {
      if (!random.chance(0.3)) return;
      world.in(random.between([1, 5000]), () => this.ask(host, request, answered));
      return;
    }
    world.in(this.delayMs(), () => {
      if (this.down) return;
      const answer = this.does(request);
      const times = world.calm || random.chance(0.95) ? 1 : random.chance(0.5) ? 0 : 2;
      for (let time = 0; time < times; time++)
        world.in(this.delayMs(), () => {
          if (!this.isAway(host)) answered(answer);
        });
    });
  }

  private isAway(host: Host): boolean {
    return this.down || host.cut;
  }

  private delayMs(): number {
    const { random, calm } = this.world;
    return calm || random.chance(0.9) ? random.between([0.1, 5]) : random.between([1, 1500]);
  }

  private does(request: LeaseRequest): LeaseAnswer {
    const { random, calm } = this.world;
    // A replica that has not heard yet.
    if (request.op === "get")
      return { type: "entry", entry: calm || random.chance(0.98) ? this.entry : this.before };
    const expected = request.op === "create" ? undefined : request.revision;
    if (this.entry?.revision !== expected) return { type: "conflict" };
    this.before = this.entry;
    const revision = (this.revision += 1 + random.below(3));
    this.entry = request.op === "delete" ? undefined : { value: request.value, revision };
    this.tell(this.entry, revision);
    return { type: "done", revision };
  }

  private tell(entry: LeaseEntry | undefined, revision: number): void {
    for (const [host, told] of this.watchers)
      if (this.world.random.chance(0.8))
        this.world.in(this.delayMs(), () => {
          if (!this.isAway(host)) told(entry, revision);
        });
  }

  private faults(): void {
    const { world } = this;
    world.in(world.random.between([500, 8000]), () => {
      this.faults();
      if (world.calm) return;
      this.down = true;
      world.in(world.random.between([10, 2500]), () => {
        this.down = false;
      });
    });
  }
}

class Resource {
  accepted = 0;
  refused = 0;
  private greatest = 0;
  private by = "";

  take(token: number, by: string, wrong: string[]): void {
    if (token < this.greatest) {
      this.refused++;
      return;
    }
    if (token === this.greatest && by !== this.by)
      wrong.push(`${by} and ${this.by} both acted with ${token}`);
    this.accepted++;
    this.greatest = token;
    this.by = by;
  }
}

export function live(options: WorldOptions): WorldResult {
  const { faultsMs = 12_000 } = options;
  const world = new World(options);
  world.run(faultsMs);
  world.heal();
  // What stood still wakes, what was late arrives, and the longest lease runs out.
  world.run(faultsMs + 30_000, () => world.holders.length > 0);
  const { doubles, wrong, resource, grantedBy, nowMs } = world;
  return {
    grants: grantedBy.size,
    accepted: resource.accepted,
    refused: resource.refused,
    doubles,
    healedMs: nowMs - faultsMs,
    wrong,
  };
}
