/**
 * The images of a cloud's roles, bundled from their sources, or opened if they were sealed. A role's fingerprint becomes that of its image
 * too, so that a program that has changed is an update; it ends with the image's digest, under which other hosts find it. Images of
 * roles that are gone are kept as long as VMs of them may be booted: for good.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageVersion } from "../../cli/version.ts";
import { srcError } from "../../errors.ts";
import { allTargets } from "../../host/targets.ts";
import { checkBootable } from "../../image/devices.ts";
import type { AnyImage } from "../../image/image.ts";
import { bootable, openImage } from "../../image/open.ts";
import { protocolFingerprint } from "../../image/manifest.ts";
import { portable } from "../../image/portable.ts";
import { runnable } from "../../image/run.ts";
import type { Cloud, ImageProgram, Role } from "../declaration.ts";
import { cloudError } from "../errors.ts";
import type { ImageShelf } from "../shared/image-shelf.ts";

type Shelf = Pick<ImageShelf, "put" | "get">;

export class Programs {
  /** By their digests. */
  private readonly images = new Map<string, AnyImage | Promise<AnyImage>>();
  private readonly shelf: Shelf | undefined;

  /** `shelf`: where the images of a cloud of many hosts are. */
  constructor(shelf?: Shelf) {
    this.shelf = shelf;
  }

  /** Throws what bundling and opening throw, `CLOUD_KEYS`, and `CLOUD_STORE`. */
  async prepare(cloud: Cloud, folder: string): Promise<Cloud> {
    const made = new Map<string, Promise<string>>();
    const roles: Role[] = [];
    for (const role of cloud.roles) {
      const id = idOf(role);
      const inWasm = cloud.roles.some((other) => isInWasm(other) && idOf(other) === id);
      const pending = made.get(id) ?? this.made(role, folder, inWasm);
      made.set(id, pending);
      roles.push({ ...role, fingerprint: `${role.fingerprint} ${await pending}` });
    }
    return { ...cloud, roles };
  }

  /** Rejects with `IMAGE_UNKNOWN`, `CLOUD_STORE`, and what an image that is damaged does. */
  async of(role: Role): Promise<AnyImage> {
    const digest = digestIn(role);
    let image = this.images.get(digest);
    if (image === undefined) {
      // Once, however many VMs ask for it.
      image = this.fetched(digest, role.name);
      this.images.set(digest, image);
      image.catch(() => this.images.delete(digest));
    }
    return image;
  }

  /** Its digest. */
  private async made(role: Role, folder: string, inWasm: boolean): Promise<string> {
    const bundled = await imageOf(role, folder);
    const image = inWasm ? { ...bundled, portable: bundled.portable ?? (await portable(bundled)) } : bundled;
    const digest = digestOf(image);
    this.images.set(digest, image);
    await this.shelf?.put(digest, image);
    return digest;
  }

  private async fetched(digest: string, name: string): Promise<AnyImage> {
    const image = await this.shelf?.get(digest);
    if (image === undefined) throw srcError("IMAGE_UNKNOWN", { image: name, known: [...this.images.keys()] });
    return image;
  }
}

/** Roles of the same one have the same image. */
const idOf = ({ run }: Role): string =>
  JSON.stringify(run.type === "image" ? [run.file, run.keys] : "command");

const isInWasm = ({ targets }: Role): boolean => targets.some((target) => target.startsWith("wasm"));

/**
 * The SHA-256 of what its VMs run and may have, and of the release that they run under: one of another release is another image. Where
 * and when it was bundled is no part of it.
 */
function digestOf({ code, portable: inWasm, devices, needs, entry }: AnyImage): string {
  const release = protocolFingerprint(packageVersion());
  const all = JSON.stringify([release, code, inWasm?.code, devices, needs, entry]);
  return createHash("sha256").update(all).digest("hex");
}

/** As `prepare` has put it there. */
const digestIn = ({ fingerprint }: Role): string => fingerprint.slice(fingerprint.lastIndexOf(" ") + 1);

async function imageOf({ run, targets }: Role, folder: string): Promise<AnyImage> {
  if (run.type === "command") {
    const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
    return runnable(fileURLToPath(new URL(`./command-program${ending}`, import.meta.url)), {});
  }
  const path = resolve(folder, run.file);
  if (!existsSync(path)) throw srcError("IMAGE_NOT_FOUND", { path });
  if (!path.endsWith(".mote")) return runnable(path, run.keys);
  return sealed(path, run, targets);
}

async function sealed(path: string, run: ImageProgram, targets: readonly string[]): Promise<AnyImage> {
  if (Object.keys(run.keys).length > 0) throw cloudError("CLOUD_KEYS", { file: run.file });
  const opened = await openImage(path);
  const { devices } = opened.contents;
  for (const target of allTargets.filter(({ name }) => targets.includes(name)))
    checkBootable(opened.contents, { path, target, granted: devices });
  return bootable(opened);
}
