/** Two hosts joined by some network, as the contract of links between hosts sees them; and what it writes and reads there. */
import { setImmediate as turn } from "node:timers/promises";
import { isMotesError, type MotesError } from "../../kernel/index.ts";
import type {
  HostIdentity,
  HostLink,
  HostLinkEvents,
  HostLinkLimits,
  Lane,
  LaneLoss,
} from "../../transports/index.ts";

export interface EndOptions {
  readonly own: HostIdentity;
  readonly events: HostLinkEvents;
  readonly limits?: Partial<HostLinkLimits>;
  readonly judge?: (peer: HostIdentity) => MotesError | undefined;
}

/** A network with a dialer and an acceptor on it. */
export interface HostPair {
  readonly dialer: HostLink;
  /** Nothing arrives any more, in either direction, and nobody is told. */
  cut(): void;
  /** From here on new bytes arrive again. */
  heal(): void;
  /** The clocks of both hosts go on by so much. */
  advance(ms: number): void;
  /** Lets what is under way go on; for networks that do so by themselves, nothing. */
  step(): void;
  /** Another link to the same acceptor. */
  redial(dialer: EndOptions): Promise<HostLink>;
  close(): Promise<void>;
}

export interface HostNetwork {
  readonly name: string;
  /** Hosts of two clusters do not meet there at all. */
  readonly apart?: boolean;
  join(dialer: EndOptions, acceptor: EndOptions): Promise<HostPair>;
}

export const host = (name: string, more: Partial<HostIdentity> = {}): HostIdentity => ({
  cluster: "test",
  name,
  incarnation: `${name}-1`,
  features: [],
  ...more,
});

/** Two hosts `a` (it dials) and `b`, whose link is to come up. */
export class Joined {
  readonly atA: Listener;
  readonly atB: Listener;
  readonly pair: HostPair;

  private constructor(atA: Listener, atB: Listener, pair: HostPair) {
    this.atA = atA;
    this.atB = atB;
    this.pair = pair;
  }

  static async of(
    network: HostNetwork,
    options: {
      readonly limits?: Partial<HostLinkLimits>;
      readonly a?: Partial<HostIdentity>;
      readonly b?: Partial<HostIdentity>;
      readonly judge?: EndOptions["judge"];
    } = {},
  ): Promise<Joined> {
    const { limits = {}, judge } = options;
    const [atA, atB] = [new Listener(), new Listener()];
    const pair = await network.join(
      { own: host("a", options.a), events: atA, limits },
      { own: host("b", options.b), events: atB, limits, ...(judge === undefined ? {} : { judge }) },
    );
    return new Joined(atA, atB, pair);
  }

  get a(): HostLink {
    return this.pair.dialer;
  }

  get b(): HostLink {
    const link = this.atB.ups.at(-1)?.link;
    if (link === undefined) throw new Error("no link is up at b");
    return link;
  }

  async up(): Promise<this> {
    await this.until(() => this.atA.ups.length > 0 && this.atB.ups.length > 0);
    return this;
  }

  /** Both ends of a lane that a has opened and b has accepted. */
  async lane(localVm: number, remoteVm: number): Promise<readonly [Lane, Lane]> {
    const near = this.a.open(localVm, remoteVm);
    const before = this.atB.lanes.length;
    await this.until(() => near.state === "open" && this.atB.lanes.length > before);
    const far = this.atB.lanes.at(-1);
    if (far === undefined) throw new Error("nobody was asked for a lane");
    return [near, far];
  }

  /** Lets everything go on until it is so. Throws with what it was, at a deadline that no working machine meets. */
  async until(isSo: () => boolean, what: () => unknown = () => this.summary): Promise<void> {
    const end = performance.now() + 15_000;
    while (!isSo()) {
      if (performance.now() > end) throw new Error(`never so: ${JSON.stringify(what())}`);
      this.pair.step();
      await turn();
    }
  }

  private get summary(): unknown {
    return {
      a: [this.a.state, this.a.statistics, this.atA.codes],
      b: [this.atB.ups.length, this.atB.ups.at(-1)?.link.statistics, this.atB.codes],
    };
  }
}

/** Keeps what a host hears of its links, and says yes to lanes. */
export class Listener implements HostLinkEvents {
  readonly ups: { readonly link: HostLink; readonly peer: HostIdentity }[] = [];
  readonly lanes: Lane[] = [];
  readonly codes: string[] = [];
  readonly whys: MotesError[] = [];
  /** Of all links. */
  readonly losses: LaneLoss[] = [];
  accepts = true;

  up(link: HostLink, peer: HostIdentity): void {
    this.ups.push({ link, peer });
  }

  asked(_link: HostLink, lane: Lane): void {
    this.lanes.push(lane);
    if (this.accepts) lane.accept();
  }

  down(_link: HostLink, why: MotesError, losses: readonly LaneLoss[]): void {
    if (!isMotesError(why)) throw new Error("a link ends with an error of ours");
    this.codes.push(why.code);
    this.whys.push(why);
    this.losses.push(...losses);
  }
}

/** Writes records that say their number, length and lane, as fast as the lane takes them. */
export class Source {
  sent = 0;
  private readonly lane: Lane;
  private readonly sizes: readonly number[];

  constructor(lane: Lane, sizes: readonly number[]) {
    this.lane = lane;
    this.sizes = sizes;
    this.go();
  }

  get done(): boolean {
    return this.sent === this.sizes.length;
  }

  private readonly go = (): void => {
    const { lane } = this;
    lane.awake();
    lane.wake = this.go;
    do {
      while (!this.done) {
        const record = recordOf(this.sent, this.sizes[this.sent] ?? 0);
        if (!lane.write(record, record.length)) break;
        this.sent++;
      }
      lane.publish();
    } while (!this.done && lane.state !== "closed" && !lane.prepareSleep(this.sizes[this.sent] ?? 0));
  };
}

/** Reads whatever comes, and checks that it is what a `Source` sent. */
export class Drain {
  /** How many there were, or the first that was wrong. */
  got = 0;
  wrong: string | undefined = undefined;
  /** Reads no further. */
  most = Infinity;
  private readonly lane: Lane;
  private readonly sizes: readonly number[];
  private readonly each: (record: number) => void;

  constructor(
    lane: Lane,
    sizes: readonly number[],
    each: (record: number) => void = () => {},
    most: number = Infinity,
  ) {
    this.lane = lane;
    this.sizes = sizes;
    this.each = each;
    this.most = most;
    this.go();
  }

  readonly go = (): void => {
    const { lane } = this;
    const target = new Uint8Array(lane.maxRecordBytes);
    lane.awake();
    lane.wake = this.go;
    do {
      while (this.got < this.most) {
        const length = lane.read(target);
        if (length < 0) break;
        this.check(target.subarray(0, length));
        this.got++;
        this.each(this.got);
      }
      lane.publish();
    } while (this.got < this.most && !lane.ended && !lane.prepareSleep(-1));
  };

  private check(record: Uint8Array): void {
    const expected = recordOf(this.got, this.sizes[this.got] ?? -1);
    if (this.wrong === undefined && Buffer.compare(record, expected) !== 0)
      this.wrong = `record ${this.got} has ${record.length} bytes instead of ${expected.length}, or others`;
  }
}

/** Different for each number, and for each place in it. */
function recordOf(number: number, size: number): Uint8Array {
  const record = new Uint8Array(Math.max(0, size));
  for (let i = 0; i < record.length; i++) record[i] = number * 31 + i * 7 + (i >> 8);
  return record;
}
