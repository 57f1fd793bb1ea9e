/**
 * The images of a cloud's roles, bundled from their sources, or opened if they were sealed. A role's fingerprint becomes that of its image
 * too, so that a program that has changed is an update. Images of roles that are gone are kept as long as VMs of them may be booted: for good.
 */
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

export class Programs {
  private readonly images = new Map<string, AnyImage>();

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
      roles.push({ ...role, fingerprint });
    }
    return { ...cloud, roles };
  }

  of({ fingerprint, name }: Role): AnyImage {
    const image = this.images.get(fingerprint);
    if (image === undefined) throw srcError("IMAGE_UNKNOWN", { image: name, known: [...this.images.keys()] });
    return image;
  }
}

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
