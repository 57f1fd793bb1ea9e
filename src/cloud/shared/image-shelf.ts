import type { KvBucket } from "../../cluster/kv.ts";
import { pack, unpack } from "../../cluster/parcel.ts";
import type { AnyImage } from "../../image/image.ts";
import { cloudError } from "../errors.ts";

/** Of one value: a server of NATS takes 1 MiB, as text of base 64. */
const pieceBytes = 512 * 1024;

interface Label {
  /** The SHA-256 of all pieces. */
  readonly digest: string;
  readonly pieces: number;
}

/**
 * The images of a shared cloud's roles, in a bucket of their own, in pieces: each host takes those that it is to boot from there. What is
 * taken is held against its digest.
 */
export class ImageShelf {
  private readonly bucket: KvBucket;

  constructor(bucket: KvBucket) {
    this.bucket = bucket;
  }

  /** `id`: letters and digits that stand for this image and for no other: one that is there already stays. Rejects with `CLOUD_STORE`. */
  async put(id: string, image: AnyImage): Promise<void> {
    if ((await this.valueOf(id)) !== undefined) return;
    const { digest, bytes } = await pack(image, false);
    const pieces = Math.ceil(bytes.length / pieceBytes);
    for (let n = 0; n < pieces; n++) {
      const piece = bytes.subarray(n * pieceBytes, (n + 1) * pieceBytes);
      await this.write(`${id}.${n}`, Buffer.from(piece).toString("base64"));
    }
    // Last: who finds it finds all of it.
    await this.write(id, JSON.stringify({ digest, pieces } satisfies Label));
  }

  /** Undefined: it is not there. Rejects with `CLOUD_STORE`, and what `unpack` throws. */
  async get(id: string): Promise<AnyImage | undefined> {
    const text = await this.valueOf(id);
    if (text === undefined) return undefined;
    // Sound as far as the bucket is ours: what it leads to is held against its digest.
    const { digest, pieces } = JSON.parse(text) as Label;
    const parts: Buffer[] = [];
    for (let n = 0; n < pieces; n++)
      parts.push(Buffer.from((await this.valueOf(`${id}.${n}`)) ?? "", "base64"));
    return unpack({ digest, bytes: new Uint8Array(Buffer.concat(parts)) });
  }

  private async valueOf(key: string): Promise<string | undefined> {
    const entry = await this.bucket.get(key).catch(failed);
    return entry === null || entry.operation !== "PUT" ? undefined : entry.string();
  }

  private async write(key: string, value: string): Promise<void> {
    await this.bucket.put(key, value).catch(failed);
  }
}

function failed(problem: unknown): never {
  const why = problem instanceof Error ? problem.message : String(problem);
  throw cloudError("CLOUD_STORE", { where: "the NATS bucket of its images", why }, problem);
}
