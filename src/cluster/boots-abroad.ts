import {
  addressOf,
  crashOf,
  type ExitReason,
  type HostDown,
  type HostUp,
  isMotesError,
  MotesError,
  type OtherHost,
  process as actorProcess,
  type Ref,
  refTo,
  type Self,
} from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import type { Order } from "../host/fleet.ts";
import type { Grant } from "../host/grant.ts";
import type { BootOutcome } from "../host/host-actor.ts";
import { defaultBootTimeoutMs, graceMs } from "../host/life.ts";
import { neverMade } from "../host/start-root.ts";
import type { AnyImage } from "../image/image.ts";
import { peerKey } from "../targets/peer-vm.ts";
import type { Errand, ErrandProtocol, ErrandResult } from "./errand.ts";
import type { Parcel } from "./parcel.ts";

const pieceBytes = 256 * 1024;
/** For a replacement, too. */
const operateTimeoutMs = 120_000;

/** An image, of whatever kind. */
interface Named {
  readonly name: string;
}

/** What it asks of where it runs. */
export interface BootMeans<I extends Named = AnyImage> {
  /** Calls `act` after so many ms. Returns how to call it off. */
  after(ms: number, act: () => void): () => void;
  /** What of an image is sent. `inWasm`: with the code for VMs without Node. */
  pack(image: I, inWasm: boolean): Promise<Parcel>;
}

/** A boot for another host, as far as it has to do with this one. */
export interface OrderAbroad<I extends Named = AnyImage> extends Omit<Errand, "image"> {
  readonly image: I;
  /** Names: the first that is joined. */
  readonly hosts: readonly string[];
  /** Under which it counts here. */
  readonly grant: Grant;
}

/**
 * Boots VMs on other hosts for actors of this one: waits for the host, sends it the image if it has none of that digest, and keeps
 * who may have the VM killed. The other host decides what it boots.
 */
export class BootsAbroad<I extends Named = AnyImage> {
  private readonly self: Self<never>;
  private readonly joined: () => readonly OtherHost[];
  private readonly means: BootMeans<I>;
  private readonly parcels = {
    plain: new WeakMap<I, Promise<Parcel>>(),
    wasm: new WeakMap<I, Promise<Parcel>>(),
  };
  /** By where they are, and their numbers there. */
  private readonly grants = new Map<string, Grant>();
  private readonly waiting = new Set<() => void>();
  private closed = false;

  /** `joined`: the hosts that can be reached now. */
  constructor(self: Self<never>, joined: () => readonly OtherHost[], means: BootMeans<I>) {
    this.self = self;
    this.joined = joined;
    this.means = means;
  }

  /** VMs on other hosts, and boots that wait for one: for tests that look for leaks. */
  get holds(): number {
    return this.grants.size + this.waiting.size;
  }

  heard(_news: HostUp | HostDown): void {
    for (const look of this.waiting) look();
  }

  /** Nobody waits for a host any more. */
  close(): void {
    this.closed = true;
    for (const look of this.waiting) look();
  }

  /** Never rejects. It counts from now on, so that many at once are no more than may be. */
  async boot(order: OrderAbroad<I>): Promise<BootOutcome> {
    const { grant } = order;
    grant.taken();
    const outcome = await this.bootThere(order);
    void outcome.ended.then(() => grant.released());
    return outcome;
  }

  /** Never rejects. */
  private async bootThere(order: OrderAbroad<I>): Promise<BootOutcome> {
    const { hosts, bootTimeoutMs = defaultBootTimeoutMs, grant } = order;
    try {
      const other = await this.reach(hosts, bootTimeoutMs);
      const result = await this.ask(other, order);
      if (result.type === "image_unknown")
        throw srcError("IMAGE_UNKNOWN", { image: order.image.name, known: [] });
      if (result.type !== "booted") return { ...neverMade("ignore"), result };
      const { vm, root } = result;
      const key = peerKey({ host: addressOf(root).home.host, vm });
      this.grants.set(key, grant);
      const ended = this.ended(root).then((reason) => {
        this.grants.delete(key);
        return reason;
      });
      return { vm, result, ended, abroad: true };
    } catch (problem) {
      return neverMade(isMotesError(problem, "CALL_EXIT") ? "noconnection" : crashOf(problem));
    }
  }

  /**
   * Asks another host what people may ask it; an image that is given goes along first, and its digest is the last argument. Throws what
   * the operation threw, under its code, and `HOST_UNREACHABLE`, `CALL_EXIT`, `CALL_TIMEOUT`.
   */
  async operate(name: string, op: string, args: readonly unknown[], image?: I): Promise<unknown> {
    const other = await this.reach([name], 0);
    const told =
      image === undefined ? args : [...args, await this.deliver(other, await this.parcel(image, false))];
    const result = await this.self.callWithin(operateTimeoutMs, errandsOf(other), "operate", op, told);
    if (result.type === "done") return result.value;
    throw new MotesError(result.code, result.message, {});
  }

  /** Under which a VM of another host counts; undefined: nobody of this host has booted it. */
  grantOf(host: string, vm: number): Grant | undefined {
    return this.grants.get(peerKey({ host, vm }));
  }

  /** Asks its root to end, and has it killed after a while; or at once. */
  async end(
    root: Ref<never>,
    vm: number,
    how: "shutdown" | "kill",
    ended: Promise<ExitReason>,
  ): Promise<void> {
    const { host } = addressOf(root);
    if (how === "kill") return this.kill(host, vm);
    this.self.exit(root, "shutdown");
    const cancel = this.means.after(graceMs, () => void this.kill(host, vm));
    await ended;
    cancel();
  }

  /** What cannot be reached counts as ended here, and ends there by itself. */
  async kill(host: string, vm: number): Promise<void> {
    const other = this.joined().find((each) => each.host === host);
    if (other === undefined) return;
    await this.self.callWithin(Infinity, errandsOf(other), "killFor", vm).then(
      () => {},
      () => {},
    );
  }

  /** Throws `HOST_UNREACHABLE`. */
  private async reach(hosts: readonly string[], timeoutMs: number): Promise<OtherHost> {
    const find = (): OtherHost | undefined => {
      const joined = this.joined();
      return hosts.flatMap((name) => joined.filter((each) => each.name === name))[0];
    };
    const other = find() ?? (await this.waitFor(find, timeoutMs));
    if (other !== undefined) return other;
    throw srcError("HOST_UNREACHABLE", { hosts, timeoutMs, joined: this.joined().map(({ name }) => name) });
  }

  /** Undefined: it is not there in time, or nobody waits any more. */
  private waitFor(find: () => OtherHost | undefined, timeoutMs: number): Promise<OtherHost | undefined> {
    if (this.closed) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const cancel = timeoutMs === Infinity ? undefined : this.means.after(timeoutMs, () => done(undefined));
      const look = (): void => {
        const found = find();
        if (found !== undefined || this.closed) done(found);
      };
      const done = (found: OtherHost | undefined): void => {
        cancel?.();
        this.waiting.delete(look);
        resolve(found);
      };
      this.waiting.add(look);
    });
  }

  private async ask(other: OtherHost, order: OrderAbroad<I>): Promise<ErrandResult> {
    const { hosts: _hosts, grant: _grant, image, ...errand } = order;
    const parcel = await this.parcel(image, order.target?.startsWith("wasm") === true);
    const to = errandsOf(other);
    const ask = () => this.self.callWithin(Infinity, to, "bootFor", { ...errand, image: parcel.digest });
    const result = await ask();
    if (result.type !== "image_unknown") return result;
    await this.deliver(other, parcel);
    return ask();
  }

  /** The image is there then: its digest. */
  private async deliver(other: OtherHost, { digest, bytes }: Parcel): Promise<string> {
    const to = errandsOf(other);
    for (let at = 0; at < bytes.length; ) {
      const piece = bytes.slice(at, at + pieceBytes);
      at = await this.self.callWithin(Infinity, to, "imagePiece", digest, at, bytes.length, piece);
    }
    return digest;
  }

  private parcel(image: I, inWasm: boolean): Promise<Parcel> {
    const packed = inWasm ? this.parcels.wasm : this.parcels.plain;
    const known = packed.get(image);
    if (known !== undefined) return known;
    const parcel = this.means.pack(image, inWasm);
    packed.set(image, parcel);
    // What went wrong may be right the next time.
    parcel.catch(() => packed.delete(image));
    return parcel;
  }

  private ended(root: Ref<never>): Promise<ExitReason> {
    return new Promise((resolve) => {
      const watch = actorProcess(
        function* (self: Self<never>) {
          self.monitor(root);
          resolve((yield* self.receive("down")).reason);
        },
        { label: "VM elsewhere" },
      );
      this.self.spawn(watch);
    });
  }
}

/** What of an order another host is told. */
export function abroad(hosts: readonly string[], order: Order, booter: string): OrderAbroad {
  const { name, entry, image, args, owner, grant, target, memoryMb, watchdogMs, bootTimeoutMs, probe } =
    order;
  const { granted: devices, bound: vmsMax } = grant;
  return {
    hosts,
    image,
    name,
    entry,
    args,
    owner,
    booter,
    grant,
    ...(target === undefined ? {} : { target }),
    ...(memoryMb === undefined ? {} : { memoryMb }),
    ...(watchdogMs === undefined ? {} : { watchdogMs }),
    ...(bootTimeoutMs === undefined ? {} : { bootTimeoutMs }),
    ...(devices === undefined ? {} : { devices }),
    ...(vmsMax === Infinity ? {} : { vmsMax }),
    ...(probe === undefined ? {} : { probe }),
  };
}

/** Sound: the first actor of a host takes these from others. */
const errandsOf = ({ ref }: OtherHost): Ref<ErrandProtocol> => refTo<ErrandProtocol>(addressOf(ref));
