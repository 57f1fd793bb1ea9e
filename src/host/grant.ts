import type { Device } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";

/** What a VM that is to be booted asks for, or is given by whoever boots it. */
export interface Wanted {
  readonly name: string;
  /** What its unikernel declares. Undefined: it was bundled without a look at it. */
  readonly declared: readonly Device[] | undefined;
  /** What it may have, and pass on. Default: all that its booter may. */
  readonly devices?: readonly Device[] | undefined;
  /** VMs that it and those it boots may have at a time. Default: as many as its booter. */
  readonly vmsMax?: number | undefined;
}

/**
 * What one VM may have from outside, and what it may pass on to VMs that it boots: never more than it was granted itself. It counts the
 * VMs below it, so that nobody fills a host by booting VMs that boot VMs.
 */
export class Grant {
  /** What it may pass on. Undefined: all that there is. */
  readonly granted: readonly Device[] | undefined;
  /** What it is given: what it declares. Undefined: all that its target has. */
  readonly devices: readonly Device[] | undefined;
  private readonly name: string;
  private readonly vmsMax: number;
  private readonly booter: Grant | undefined;
  /** It, or one below it, is there. */
  private vms = 0;

  private constructor(name: string, wanted: Wanted, vmsMax: number, booter: Grant | undefined) {
    const { declared, devices } = wanted;
    this.name = name;
    this.granted = devices ?? booter?.granted;
    this.devices = declared ?? this.granted;
    this.vmsMax = vmsMax;
    this.booter = booter;
  }

  /** Of a VM that is booted from outside. Throws `DEVICE_NOT_GRANTED`. */
  static outer(wanted: Wanted): Grant {
    checkCovered(wanted.name, wanted.declared, wanted.devices);
    return new Grant(wanted.name, wanted, wanted.vmsMax ?? Infinity, undefined);
  }

  /** What VMs may have that other hosts have booted here, all together. */
  static ofOthers(devices: readonly Device[] | undefined, vmsMax: number): Grant {
    return new Grant("other hosts", { name: "", declared: ["vms"], devices }, vmsMax, undefined);
  }

  /** Of a VM that this one boots. Throws `DEVICE_NOT_GRANTED` and `VMS_EXHAUSTED`. */
  pass(wanted: Wanted): Grant {
    const { granted } = this;
    if (this.devices?.includes("vms") === false)
      throw srcError("DEVICE_NOT_GRANTED", {
        path: `${this.name}, which boots ${wanted.name},`,
        missing: ["vms"],
      });
    checkCovered(wanted.name, wanted.devices, granted);
    checkCovered(wanted.name, wanted.declared, wanted.devices ?? granted);
    this.checkRoom();
    return new Grant(wanted.name, wanted, wanted.vmsMax ?? Infinity, this);
  }

  /** VMs that it and those it boots may have at a time: the least that it, or one above it, was given. */
  get bound(): number {
    return Math.min(this.vmsMax, this.booter?.bound ?? Infinity);
  }

  private checkRoom(): void {
    const { name, vms, vmsMax } = this;
    if (vms >= vmsMax) throw srcError("VMS_EXHAUSTED", { vm: name, vmsMax });
    this.booter?.checkRoom();
  }

  /** The VM is made, or asked of another host: it counts for all above it. */
  taken(): void {
    for (let above = this.booter; above !== undefined; above = above.booter) above.vms++;
  }

  /** The VM is gone. */
  released(): void {
    for (let above = this.booter; above !== undefined; above = above.booter) above.vms--;
  }

  /** True if `other` was booted by this one's VM, or by one below it. */
  isAbove(other: Grant): boolean {
    for (let above = other.booter; above !== undefined; above = above.booter) if (above === this) return true;
    return false;
  }
}

function checkCovered(
  name: string,
  wanted: readonly Device[] | undefined,
  granted: readonly Device[] | undefined,
): void {
  if (wanted === undefined || granted === undefined) return;
  const missing = wanted.filter((device) => !granted.includes(device));
  if (missing.length > 0) throw srcError("DEVICE_NOT_GRANTED", { path: name, missing });
}
