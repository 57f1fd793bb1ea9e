/**
 * A store behind a simulated network: what is asked and answered takes time, and a client may be cut off, or the store be down. What is
 * written on a way that is then cut may have arrived or not. A watch that comes back hears of each key's present value only. One that
 * begins may be told what was there some time ago, but nothing older than what its client has last written.
 */
import type { Random } from "../../testing/random.ts";
import { MemoryStore } from "../memory-store.ts";
import type { CloudStore, PutOutcome, StoreEntry } from "../store.ts";
import type { Agenda } from "./agenda.ts";
import { Past } from "./past.ts";

const answerWithinMs = 1500;
const lateMsMax = 12_000;

export class SimNetwork {
  down = false;
  /** Of so many writes one arrives only seconds later, when its writer has long given up on it; 0: of none. */
  lateOneIn = 0;
  /** How far behind a watch may be when it begins: as a copy of the store may that this host reads. */
  lagMsMax = 0;
  /** Written, and heard of. */
  readonly messages = { puts: 0, heard: 0 };
  readonly server = new MemoryStore((work) => work());
  readonly agenda: Agenda;
  readonly random: Random;
  readonly past = new Past();
  private readonly clients = new Set<SimClient>();

  constructor(agenda: Agenda, random: Random) {
    this.agenda = agenda;
    this.random = random;
  }

  write(key: string, value: unknown, expected: number): PutOutcome {
    const outcome = this.server.write(key, value, expected);
    if (outcome.type === "stored") this.past.wrote({ key, value, revision: outcome.revision });
    return outcome;
  }

  client(awake: () => void): SimClient {
    const made = new SimClient(this, awake);
    this.clients.add(made);
    return made;
  }

  drop(client: SimClient): void {
    this.clients.delete(client);
  }

  /** Those that were cut off hear what they have missed. */
  heal(): void {
    for (const client of this.clients) client.resume();
  }

  isLate(): boolean {
    return this.lateOneIn > 0 && this.random.below(this.lateOneIn) === 0;
  }

  delayMs(): number {
    return 0.5 + 4 * this.random.next();
  }
}

interface Watching {
  readonly hear: (entry: StoreEntry) => void;
  readonly pending: Map<string, StoreEntry>;
  caughtUp: (() => void) | undefined;
  scheduled: boolean;
  ended: boolean;
  end: () => void;
}

export class SimClient implements CloudStore {
  private readonly network: SimNetwork;
  private readonly awake: () => void;
  private readonly watches = new Set<Watching>();
  private isCut = false;
  /** The last write that it was told has arrived. */
  private acknowledged = 0;

  constructor(network: SimNetwork, awake: () => void) {
    this.network = network;
    this.awake = awake;
  }

  get cut(): boolean {
    return this.isCut;
  }

  set cut(cut: boolean) {
    this.isCut = cut;
    if (!cut) this.resume();
  }

  put(key: string, value: unknown, expected: number, done: (outcome: PutOutcome) => void): void {
    const { network } = this;
    const { agenda, messages } = network;
    messages.puts += 1;
    const tell = (outcome: PutOutcome): void => {
      if (outcome.type === "stored") this.acknowledged = Math.max(this.acknowledged, outcome.revision);
      done(outcome);
      this.awake();
    };
    const fail = (): void => agenda.after(answerWithinMs, () => tell({ type: "unavailable" }));
    if (this.isAway) return fail();
    if (network.isLate()) {
      agenda.after(answerWithinMs + lateMsMax * network.random.next(), () => {
        network.write(key, value, expected);
      });
      return fail();
    }
    agenda.after(network.delayMs(), () => {
      if (this.isAway) return fail();
      const outcome = network.write(key, value, expected);
      agenda.after(network.delayMs(), () => (this.isAway ? fail() : tell(outcome)));
    });
  }

  watch(of: string, heard: (entry: StoreEntry) => void, caughtUp: () => void): () => void {
    const watching: Watching = {
      hear: heard,
      pending: new Map(),
      caughtUp,
      scheduled: false,
      ended: false,
      end: () => {
        watching.ended = true;
        this.watches.delete(watching);
        stop();
      },
    };
    this.watches.add(watching);
    const note = (entry: StoreEntry): void => {
      // The newest comes last.
      watching.pending.delete(entry.key);
      watching.pending.set(entry.key, entry);
      this.deliverSoon(watching);
    };
    const { agenda, lagMsMax, past, random, server } = this.network;
    const asOf = past.some(lagMsMax === 0 ? Infinity : this.acknowledged, random);
    // Undefined: all of it is told at once.
    let late: StoreEntry[] | undefined = lagMsMax === 0 ? undefined : [];
    let begun = false;
    const hear = (entry: StoreEntry): void => {
      if (late === undefined) return note(entry);
      if (!begun) {
        const then = past.at(entry.key, asOf);
        if (then !== undefined) note(then);
        if (then?.revision === entry.revision) return;
      }
      late.push(entry);
    };
    const stop = server.watch(of, hear, () => this.deliverSoon(watching));
    begun = true;
    agenda.after(lagMsMax * random.next(), () => {
      const all = late ?? [];
      late = undefined;
      for (const entry of all) if (!watching.ended) note(entry);
    });
    return watching.end;
  }

  /** Nothing is heard any more. */
  close(): void {
    this.isCut = true;
    for (const { end } of this.watches) end();
    this.network.drop(this);
  }

  resume(): void {
    for (const watching of this.watches) this.deliverSoon(watching);
  }

  private get isAway(): boolean {
    return this.isCut || this.network.down;
  }

  private deliverSoon(watching: Watching): void {
    if (watching.scheduled || watching.ended) return;
    watching.scheduled = true;
    const { agenda } = this.network;
    agenda.after(this.network.delayMs(), () => {
      watching.scheduled = false;
      if (watching.ended || this.isAway) return;
      const entries = [...watching.pending.values()];
      watching.pending.clear();
      this.network.messages.heard += entries.length;
      for (const entry of entries) watching.hear(entry);
      const { caughtUp } = watching;
      watching.caughtUp = undefined;
      caughtUp?.();
      this.awake();
    });
  }
}
