/**
 * The images of a cloud's roles, bundled from their sources, or opened if they were sealed. A role's fingerprint becomes that of its image
 * too, so that a program that has changed is an update. Images of roles that are gone are kept as long as VMs of them may be booted: for good.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { srcError } from "../../errors.ts";
import { allTargets } from "../../host/targets.ts";
import { checkBootable } from "../../image/devices.ts";
import type { AnyImage } from "../../image/image.ts";
import { bootable, openImage } from "../../image/open.ts";
import { runnable } from "../../image/run.ts";
import { hash32 } from "../backoff.ts";
import type { Cloud, ImageProgram, Role } from "../declaration.ts";
import { cloudError } from "../errors.ts";
import type { ImageShelf } from "../shared/image-shelf.ts";

export class Programs {
  private readonly images = new Map<string, AnyImage | Promise<AnyImage>>();
  private readonly shelf: ImageShelf | undefined;

  /** `shelf`: where the images of a cloud of many hosts are. */
  constructor(shelf?: ImageShelf) {
    this.shelf = shelf;
  }

  /** Throws what bundling and opening throw, and `CLOUD_KEYS`. */
  async prepare(cloud: Cloud, folder: string): Promise<Cloud> {
    const made = new Map<string, Promise<AnyImage>>();
    const roles: Role[] = [];
    for (const role of cloud.roles) {
      const id = JSON.stringify(role.run.type === "image" ? [role.run.file, role.run.keys] : "command");
      const pending = made.get(id) ?? imageOf(role, folder);
      made.set(id, pending);
      const image = await pending;
      const fingerprint = `${role.fingerprint} ${hash32(image.code)}`;
      this.images.set(fingerprint, image);
      await this.shelf?.put(
        placeOf(fingerprint),
        image,
        role.targets.some((target) => target.startsWith("wasm")),
      );
      roles.push({ ...role, fingerprint });
    }
    return { ...cloud, roles };
  }

  /** Rejects with `IMAGE_UNKNOWN`, `CLOUD_STORE`, and what an image that is damaged does. */
  async of(role: Role): Promise<AnyImage> {
    const { fingerprint } = role;
    let image = this.images.get(fingerprint);
    if (image === undefined) {
      // Once, however many VMs ask for it.
      image = this.fetched(role);
      this.images.set(fingerprint, image);
      image.catch(() => this.images.delete(fingerprint));
    }
    return image;
  }

  private async fetched({ fingerprint, name }: Role): Promise<AnyImage> {
    const image = await this.shelf?.get(placeOf(fingerprint));
    if (image === undefined) throw srcError("IMAGE_UNKNOWN", { image: name, known: [...this.images.keys()] });
    return image;
  }
}

const placeOf = (fingerprint: string): string => createHash("sha256").update(fingerprint).digest("hex");

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
