import { srcError } from "../errors.ts";
import type { AnyImage } from "../image/image.ts";
import { unpack } from "./parcel.ts";

/** Bytes of one image, and of all that are kept. */
const imageBytesMax = 64 * 1024 * 1024;
const storeBytesMax = 256 * 1024 * 1024;
/** Images that one host sends at a time. */
const partsMax = 4;

/** An image that has come in part. */
interface Part {
  readonly bytes: Uint8Array;
  have: number;
  /** Once it has all come: as long as it is unpacked, all who send it wait for that. */
  whole: Promise<number> | undefined;
}

interface Kept {
  readonly image: AnyImage;
  readonly bytes: number;
}

/**
 * Images that other hosts have sent, by digest: those that are whole, the one used longest ago going first, and what has come of
 * others, by who sends it.
 */
export class ImageStore {
  private readonly images = new Map<string, Kept>();
  private readonly parts = new Map<string, Map<string, Part>>();
  private keptBytes = 0;

  get(digest: string): AnyImage | undefined {
    const kept = this.images.get(digest);
    if (kept === undefined) return undefined;
    this.images.delete(digest);
    this.images.set(digest, kept);
    return kept.image;
  }

  /**
   * A piece of an image, from `at` on; how much of it there is then: what does not follow on what there is, is not taken.
   * Throws `IMAGE_TOO_LARGE`, and what `unpack` throws once it is whole.
   */
  async add(host: string, digest: string, at: number, total: number, piece: Uint8Array): Promise<number> {
    if (!isDigest(digest))
      throw srcError("IMAGE_TOO_LARGE", { bytes: total, bytesMax: imageBytesMax, partsMax });
    if (this.images.has(digest)) return total;
    const parts = this.partsOf(host);
    const part = parts.get(digest) ?? newPart(total, parts.size);
    parts.set(digest, part);
    if (part.whole !== undefined) return part.whole;
    if (at !== part.have || part.bytes.length !== total || piece.length > total - at) return part.have;
    part.bytes.set(piece, at);
    part.have += piece.length;
    if (part.have < total) return part.have;
    part.whole = this.finish(parts, digest, part.bytes);
    return part.whole;
  }

  /** What a host that is lost has sent in part. */
  drop(host: string): void {
    this.parts.delete(host);
  }

  private partsOf(host: string): Map<string, Part> {
    const known = this.parts.get(host) ?? new Map<string, Part>();
    this.parts.set(host, known);
    return known;
  }

  /** Whatever comes of it, its part is gone. */
  private async finish(parts: Map<string, Part>, digest: string, bytes: Uint8Array): Promise<number> {
    try {
      this.keep(digest, { image: await unpack({ digest, bytes }), bytes: bytes.length });
      return bytes.length;
    } finally {
      parts.delete(digest);
    }
  }

  private keep(digest: string, kept: Kept): void {
    if (this.images.has(digest)) return;
    this.images.set(digest, kept);
    this.keptBytes += kept.bytes;
    for (const [oldest, { bytes }] of this.images) {
      if (this.keptBytes <= storeBytesMax) return;
      this.images.delete(oldest);
      this.keptBytes -= bytes;
    }
  }
}

function newPart(total: number, known: number): Part {
  if (!(Number.isSafeInteger(total) && total > 0 && total <= imageBytesMax) || known >= partsMax)
    throw srcError("IMAGE_TOO_LARGE", { bytes: total, bytesMax: imageBytesMax, partsMax });
  return { bytes: new Uint8Array(total), have: 0, whole: undefined };
}
const isDigest = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
