/** From a sealed file back to an image. The file comes from a stranger: nothing in it is believed before it was looked at. */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { packageVersion } from "../cli/version.ts";
import { srcError } from "../errors.ts";
import { imageOf } from "./bundle.ts";
import { openContainer, type Container } from "./container.ts";
import type { Image } from "./image.ts";
import { parseManifest, protocolFingerprint, type Manifest } from "./manifest.ts";

export interface Opened extends Container {
  readonly path: string;
  readonly contents: Manifest;
  /** Of the file. */
  readonly bytes: number;
}

/** Throws `IMAGE_NOT_FOUND`, and what `openContainer` and `parseManifest` throw. */
export async function openImage(file: string): Promise<Opened> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (problem) {
    throw srcError("IMAGE_NOT_FOUND", { path: file }, problem);
  }
  const container = await openContainer(bytes, file);
  const contents = parseManifest(container.manifest, file);
  return { ...container, path: file, contents, bytes: bytes.length };
}

/** Makes it ready for booting, with its manifest's devices and no others. Throws `IMAGE_PROTOCOL`, `IMAGE_BROKEN`. */
export function bootable({ path, contents, code, sourceMap, portable, portableMap }: Opened): Image {
  const expected = protocolFingerprint(packageVersion());
  const { protocol, name, devices, needs, entry } = contents;
  if (protocol !== expected) throw srcError("IMAGE_PROTOCOL", { path, expected, got: protocol });
  try {
    const inWasm = portable === "" ? {} : { portable: { code: portable, sourceMap: portableMap } };
    return { ...imageOf({ path: resolve(path), code, sourceMap }), ...inWasm, name, devices, needs, entry };
  } catch (problem) {
    throw srcError("IMAGE_BROKEN", { path, problems: [String(problem)] }, problem);
  }
}
