import { addressOf, crashOf, type Device, type Ref } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import { targetBelow } from "../host/boundary.ts";
import { checkBoot } from "../host/boot-options.ts";
import type { Fleet } from "../host/fleet.ts";
import { Grant } from "../host/grant.ts";
import type { BootOutcome, Errands } from "../host/host-actor.ts";
import { declaredBy } from "../host/declared.ts";
import { neverMade } from "../host/start-root.ts";
import type { Errand, Operated, Operation } from "./errand.ts";
import { bundledTargets } from "../image/manifest.ts";
import type { AnyImage } from "../image/image.ts";
import { ImageStore } from "./image-store.ts";

/** What other hosts may have booted on this one. */
export interface BootsPolicy {
  /** What their VMs may have from outside. Default: nothing. */
  readonly devices?: readonly Device[];
  /** VMs that they may have here at a time, all together. Default: what this host can hold. */
  readonly vmsMax?: number;
}

/**
 * What this host boots for others: what its own policy allows, whatever the other one granted. Keeps the images that they send.
 */
export class BootsForOthers implements Errands {
  private readonly fleet: Pick<Fleet, "start" | "targets" | "vms">;
  private readonly policy: BootsPolicy | undefined;
  private readonly grant: Grant;
  private readonly operations: Readonly<Record<string, Operation>>;
  private readonly store = new ImageStore();

  /** No policy: nothing is booted. `operations`: what people at other hosts may ask. */
  constructor(
    fleet: Pick<Fleet, "start" | "targets" | "vms">,
    policy: BootsPolicy | undefined,
    operations: Readonly<Record<string, Operation>>,
  ) {
    this.fleet = fleet;
    this.policy = policy;
    this.operations = operations;
    this.grant = Grant.ofOthers(policy?.devices ?? [], policy?.vmsMax ?? Infinity);
  }

  /** False: it has to be sent first. */
  knows(digest: string): boolean {
    return this.policy === undefined || this.store.get(digest) !== undefined;
  }

  async piece(host: string, digest: string, at: number, total: number, piece: Uint8Array): Promise<number> {
    // Nothing here would ever ask for it.
    if (this.policy === undefined && Object.keys(this.operations).length === 0)
      throw srcError("HOST_NO_BOOTS", { name: `the image ${digest}` });
    return this.store.add(host, digest, at, total, piece);
  }

  /** One that was sent here. */
  image(digest: string): AnyImage | undefined {
    return this.store.get(digest);
  }

  async operate(op: string, args: readonly unknown[]): Promise<Operated> {
    try {
      const operation = Object.hasOwn(this.operations, op) ? this.operations[op] : undefined;
      if (operation === undefined)
        throw srcError("HOST_NOT_MANAGED", { op, known: Object.keys(this.operations) });
      return { type: "done", value: await operation(...args) };
    } catch (problem) {
      const { message, code = "BUG" } = crashOf(problem);
      return { type: "failed", code, message };
    }
  }

  /** A host is lost. */
  drop(host: string): void {
    this.store.drop(host);
  }

  /** Never rejects. */
  async boot(errand: Errand): Promise<BootOutcome> {
    const { image: digest, booter, owner, devices: passed, vmsMax, ...request } = errand;
    const { policy, fleet } = this;
    try {
      if (policy === undefined) throw srcError("HOST_NO_BOOTS", { name: request.name });
      checkBoot({ ...request, devices: passed, vmsMax });
      const image = this.store.get(digest);
      if (image === undefined) throw srcError("IMAGE_UNKNOWN", { image: request.name, known: [] });
      const { name, entry, args } = request;
      const allowed = policy.devices ?? [];
      const devices = passed?.filter((device) => allowed.includes(device)) ?? allowed;
      const grant = this.grant.pass({ name, declared: declaredBy(image, entry), devices, vmsMax });
      const target = targetBelow(booter, request.target, fleet.targets.standard.name);
      // Without Node's code it would be bundled from a file of this machine.
      if (target.startsWith("wasm") && image.portable === undefined)
        throw srcError("TARGET_UNSUPPORTED", { path: name, target, known: bundledTargets });
      return await fleet.start({ ...request, entry, args, target, image, owner, grant });
    } catch (problem) {
      return neverMade(crashOf(problem));
    }
  }

  kill(host: string, vm: number): void {
    const hosted = this.fleet.vms.get(vm);
    if (hosted !== undefined && hostOf(hosted.owner) === host) hosted.handle.kill("killed");
  }
}

const hostOf = (ref: Ref<never>): string => addressOf(ref).home.host;
