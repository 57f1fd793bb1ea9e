import type { Carrier } from "./carrier.ts";
import type { Cell } from "./cell.ts";

declare const accepts: unique symbol;

/**
 * The typed address of an actor: plain data that may be put into messages. It is contravariant in `M`: an address that
 * takes `A | B` may stand where one that takes `A` is asked for, and never the other way round.
 *
 * It names one incarnation: after a restart it is dead, and a successor is never reached by it. The addresses that a
 * supervisor hands out (`tree.children.x`) are the exception on purpose: they follow the child over restarts.
 */
export interface Ref<in M> {
  /** The host's name, `""` for the own one. */
  readonly host: string;
  /** The VM's number, unique in the life of its host: a restarted VM has another. */
  readonly vm: number;
  /** The actor's number, unique in the life of its VM. */
  readonly serial: number;
  /** For logs: `<vm.serial>`. */
  toString(): string;
  /** Type level only: what this address accepts, in a parameter position. */
  readonly [accepts]: (message: M) => void;
}

/** The protocol of a `Ref`. */
export type ProtocolOfRef<R> = R extends Ref<infer M> ? M : never;

/** True if both name the same actor. Addresses that came by message are copies, so `===` is not enough. */
export function sameRef(a: Ref<never>, b: Ref<never>): boolean {
  return a === b || (a.serial === b.serial && a.vm === b.vm && a.host === b.host);
}

/** A VM as another one sees it, and the carrier that leads there. One object per VM and kernel, so it compares with `===`. */
export class Home {
  readonly host: string;
  readonly vm: number;
  /** True from the VM's loss on: its number is never used again. Not while only the way to another host is lost. */
  lost = false;
  private way: Carrier | undefined = undefined;
  private readonly keep: ((home: Home) => void) | undefined;

  /** `keep` is told once a carrier leads there: until then it need not be remembered. */
  constructor(host: string, vm: number, keep?: (home: Home) => void) {
    this.host = host;
    this.vm = vm;
    this.keep = keep;
  }

  /** Undefined until something was sent there, and after the VM was lost. */
  get carrier(): Carrier | undefined {
    return this.way;
  }

  set carrier(carrier: Carrier | undefined) {
    this.way = carrier;
    if (carrier !== undefined) this.keep?.(this);
  }
}

/** What every `Ref` is at run time. */
export class Address {
  readonly home: Home;
  /** Set once, when it enters the process table. */
  serial: number;
  /** The live local actor this leads to; null when it is dead, or lives in another VM. The one test of the send path. */
  cell: Cell | null;

  constructor(home: Home, serial: number, cell: Cell | null) {
    this.home = home;
    this.serial = serial;
    this.cell = cell;
  }

  get host(): string {
    return this.home.host;
  }

  get vm(): number {
    return this.home.vm;
  }

  toString(): string {
    const { host, vm } = this.home;
    return host === "" ? `<${vm}.${this.serial}>` : `<${host}.${vm}.${this.serial}>`;
  }
}

/** Sound: `Ref` can only be made from an `Address`, here; its brand is never a value. */
export const refTo = <M>(address: Address): Ref<M> => address as unknown as Ref<M>;

export const addressOf = (ref: Ref<never>): Address => ref as unknown as Address;
