/**
 * An image on its way to another host: the container of sealed files, with a short manifest of its own, under the SHA-256 of its
 * bytes. Whoever unpacks believes nothing: the bytes are held against the digest, and each field is looked at. V8's compiled form
 * is made anew there, since it is for one build of V8 only.
 */
import { createHash } from "node:crypto";
import { packageVersion } from "../cli/version.ts";
import { srcError } from "../errors.ts";
import { imageFrom } from "../image/bundle.ts";
import { openContainer, sealContainer } from "../image/container.ts";
import type { AnyImage } from "../image/image.ts";
import { protocolFingerprint, readParcel } from "../image/manifest.ts";
import { portable } from "../image/portable.ts";

export interface Parcel {
  /** In hexadecimal. */
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** `inWasm`: with the code for VMs without Node, which is made if the image has none. Throws what bundling does. */
export async function pack(image: AnyImage, inWasm: boolean): Promise<Parcel> {
  const { name, path, code, origins, devices, needs, entry } = image;
  const { code: portableCode = "", sourceMap: portableMap = "" } =
    image.portable ?? (inWasm ? await portable(image) : {});
  const protocol = protocolFingerprint(packageVersion());
  const manifest = JSON.stringify({ name, path, protocol, devices, needs, entry });
  const sealed = await sealContainer({
    manifest,
    code,
    sourceMap: origins.text,
    portable: portableCode,
    portableMap,
  });
  // No Buffer, whose pieces would be the same memory.
  const bytes = new Uint8Array(sealed);
  return { digest: sha256(bytes), bytes };
}

/** Throws `IMAGE_DIGEST`, `IMAGE_PROTOCOL`, `IMAGE_BROKEN`, and what `openContainer` throws. */
export async function unpack({ digest, bytes }: Parcel): Promise<AnyImage> {
  const got = sha256(bytes);
  if (got !== digest)
    throw srcError("IMAGE_DIGEST", { path: "an image from another host", expected: digest, got });
  const {
    manifest,
    code,
    sourceMap,
    portable: portableCode,
    portableMap,
  } = await openContainer(bytes, digest);
  const { protocol, path, ...told } = readParcel(manifest, digest);
  const expected = protocolFingerprint(packageVersion());
  if (protocol !== expected) throw srcError("IMAGE_PROTOCOL", { path, expected, got: protocol });
  try {
    const image = imageFrom({ path, code, sourceMap });
    const inWasm = portableCode === "" ? {} : { portable: { code: portableCode, sourceMap: portableMap } };
    return { ...image, ...inWasm, ...told };
  } catch (problem) {
    throw srcError("IMAGE_BROKEN", { path, problems: [String(problem)] }, problem);
  }
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
