import { checkBootable } from "../image/devices.ts";
import type { AnyImage } from "../image/image.ts";
import type { GivenKeys } from "../image/keys.ts";
import { bootable, openImage } from "../image/open.ts";
import { runnable } from "../image/run.ts";

/** A program's source, or a sealed image, at an absolute path. Throws what building and opening throw. */
export async function imageAt(file: string, keys: GivenKeys): Promise<AnyImage> {
  if (!file.endsWith(".mote")) return runnable(file, keys);
  const opened = await openImage(file);
  // What its VMs are given is bounded by what whoever boots it may pass on.
  checkBootable(opened.contents, {
    path: file,
    target: { name: "isolate" },
    granted: opened.contents.devices,
  });
  return bootable(opened);
}
