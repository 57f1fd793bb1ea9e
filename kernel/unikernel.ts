import { behaviorOf, type Behavior, type Definition } from "./behavior.ts";
import { devices as allDevices, isDevice, type Device } from "./device.ts";
import { kernelError } from "./error-table.ts";

declare const types: unique symbol;

export interface UnikernelOptions {
  /** Heap of its VM in MiB. Default: the target's. */
  readonly memoryMb?: number;
  /** A VM whose loop has not turned for so long, in ms, is killed. Default 5000; `Infinity` is never. */
  readonly watchdogMs?: number;
  /** From boot to the root's ready, in ms. Default 10000. */
  readonly bootTimeoutMs?: number;
}

export interface UnikernelSpec<A extends readonly unknown[], M, I> extends UnikernelOptions {
  /** Its name in the image and in logs; letters, digits, `-`, `_`, `.`. Default: `main`. */
  readonly name?: string;
  /** The first actor: the VM is ready when it is, and ends when it ends. */
  readonly root: Definition<A, M, I>;
  /** The root's arguments when it is booted from outside (`motes run`). Default: none. */
  readonly args?: NoInfer<A>;
  /** The other unikernels that this program boots. Their names must differ. */
  readonly vms?: readonly AnyUnikernel[];
  /** What it needs from outside its VM. Default: none, and `vms` if it lists any. */
  readonly devices?: readonly Device[];
}

/** A program for a VM: what an image's default export is, and what `vm()` and `self.boot()` take. */
export interface Unikernel<in A extends readonly unknown[], in out M> extends AnyUnikernel {
  /** Type level only. */
  readonly [types]: { readonly args: (args: A) => void; readonly m: (m: M) => M };
}

export interface AnyUnikernel {
  readonly name: string;
  readonly options: UnikernelOptions;
}

class Sealed implements AnyUnikernel {
  readonly name: string;
  readonly options: UnikernelOptions;
  readonly root: Behavior;
  readonly args: readonly unknown[] | undefined;
  readonly devices: readonly Device[];
  /** This one and those it boots, by name. */
  readonly entries: ReadonlyMap<string, Sealed>;

  constructor(
    name: string,
    root: Behavior,
    args: readonly unknown[] | undefined,
    options: UnikernelOptions,
    vms: readonly Sealed[],
    devices: readonly Device[],
  ) {
    this.name = name;
    this.root = root;
    this.args = args;
    this.options = options;
    this.devices = vms.length > 0 ? [...devices, "vms"] : devices;
    const entries = new Map<string, Sealed>([[name, this]]);
    for (const vm of vms) {
      for (const [entry, sealed] of vm.entries) {
        const known = entries.get(entry);
        if (known !== undefined && known !== sealed) {
          throw kernelError("BAD_OPTION", {
            what: "unikernel({ vms })",
            expected: "unikernels of different names",
            got: `two named "${entry}"`,
          });
        }
        entries.set(entry, sealed);
      }
    }
    this.entries = entries;
  }
}

/**
 * Declares a program that lives in a VM of its own. Throws `BAD_OPTION`.
 *
 * @example
 * export default unikernel({ root: app, vms: [shard] });
 */
export function unikernel<A extends readonly unknown[], M, I>(spec: UnikernelSpec<A, M, I>): Unikernel<A, M> {
  const { name = "main", root, args, vms = [], devices = [], memoryMb, watchdogMs, bootTimeoutMs } = spec;
  if (!/^[\w.-]{1,64}$/.test(name)) {
    throw kernelError("BAD_OPTION", {
      what: "unikernel({ name })",
      expected: "1 to 64 letters, digits, - _ .",
      got: JSON.stringify(name),
    });
  }
  const unknown = devices.find((device) => !isDevice(device));
  if (unknown !== undefined) {
    throw kernelError("BAD_OPTION", {
      what: "unikernel({ devices })",
      expected: allDevices.join(", "),
      got: JSON.stringify(unknown),
    });
  }
  for (const [what, value] of Object.entries({ memoryMb, watchdogMs, bootTimeoutMs })) {
    if (value === undefined || value > 0) continue;
    throw kernelError("BAD_OPTION", {
      what: `unikernel({ ${what} })`,
      expected: "a number above 0",
      got: String(value),
    });
  }
  const options: UnikernelOptions = {
    ...(memoryMb === undefined ? {} : { memoryMb }),
    ...(watchdogMs === undefined ? {} : { watchdogMs }),
    ...(bootTimeoutMs === undefined ? {} : { bootTimeoutMs }),
  };
  const sealed = new Sealed(name, behaviorOf(root), args, options, vms.map(sealedOf), devices);
  // Sound: `Unikernel` can only be made here; its type parameters are never values.
  return sealed as AnyUnikernel as Unikernel<A, M>;
}

export type SealedUnikernel = Sealed;

/** Undefined: it is no unikernel. For whoever loads an image. */
export const asSealed = (value: unknown): SealedUnikernel | undefined =>
  value instanceof Sealed ? value : undefined;

function sealedOf(value: unknown): Sealed {
  const sealed = asSealed(value);
  if (sealed !== undefined) return sealed;
  throw kernelError("BAD_OPTION", {
    what: "unikernel({ vms })",
    expected: "what unikernel() made",
    got: typeof value,
  });
}
