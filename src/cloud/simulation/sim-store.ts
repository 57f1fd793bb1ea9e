/**
 * A store behind a simulated network: what is asked and answered takes time, and a client may be cut off, or the store be down. What is
 * written on a way that is then cut may have arrived or not. A watch that comes back hears of each key's present value only.
 */
import type { Random } from "../../testing/random.ts";
import { MemoryStore } from "../memory-store.ts";
import type { CloudStore, PutOutcome, StoreEntry } from "../store.ts";
import type { Agenda } from "./agenda.ts";

const answerWithinMs = 1500;
const lateMsMax = 12_000;

export class SimNetwork {
  down = false;
  /** Of so many writes one arrives only seconds later, when its writer has long given up on it; 0: of none. */
  lateOneIn = 0;
  /** Written, and heard of. */
  readonly messages = { puts: 0, heard: 0 };
  readonly server = new MemoryStore((work) => work());
  readonly agenda: Agenda;
  readonly random: Random;
  private readonly clients = new Set<SimClient>();

  constructor(agenda: Agenda, random: Random) {
    this.agenda = agenda;
    this.random = random;
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
      done(outcome);
      this.awake();
    };
    const fail = (): void => agenda.after(answerWithinMs, () => tell({ type: "unavailable" }));
    if (this.isAway) return fail();
    if (network.isLate()) {
      agenda.after(answerWithinMs + lateMsMax * network.random.next(), () => {
        network.server.write(key, value, expected);
      });
      return fail();
    }
    agenda.after(network.delayMs(), () => {
      if (this.isAway) return fail();
      const outcome = network.server.write(key, value, expected);
      agenda.after(network.delayMs(), () => (this.isAway ? fail() : tell(outcome)));
    });
  }

  watch(of: string, hear: (entry: StoreEntry) => void, caughtUp: () => void): () => void {
    const watching: Watching = {
      hear,
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
    const stop = this.network.server.watch(of, note, () => this.deliverSoon(watching));
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
