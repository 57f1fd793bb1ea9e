import { Script } from "node:vm";
import { beforeAll, expect, test } from "vitest";
import { ImageStore } from "../../../src/cluster/image-store.ts";
import { pack, type Parcel, unpack } from "../../../src/cluster/parcel.ts";
import { bundle } from "../../../src/index.ts";
import type { AnyImage } from "../../../src/image/image.ts";
import { fixture } from "../lab.ts";

let image: AnyImage;
let parcel: Parcel;
beforeAll(async () => {
  image = { ...(await bundle(fixture("far-tree"))), devices: ["log"], needs: { far: [] }, entry: "far-tree" };
  parcel = await pack(image, false);
});

/** Sends it in pieces of so many bytes. */
async function send(store: ImageStore, from: string, { digest, bytes }: Parcel, pieceBytes: number) {
  for (let at = 0; at < bytes.length; )
    at = await store.add(from, digest, at, bytes.length, bytes.slice(at, at + pieceBytes));
}

test("parcel: what is packed is unpacked, but for V8's compiled form", async () => {
  const { cachedData: _cached, origins, keys: _keys, ...told } = image;
  const got = await unpack(parcel);
  expect(got).toMatchObject(told);
  // Made anew, and of use: how long it is differs from one time to the next.
  expect(new Script(got.code, { cachedData: Buffer.from(got.cachedData) }).cachedDataRejected).toBe(false);
  expect(got.origins.text).toBe(origins.text);
  expect((await pack(image, false)).digest).toBe(parcel.digest);
  const inWasm = await unpack(await pack(image, true));
  expect(inWasm.portable?.code.length).toBeGreaterThan(1000);
});

test("parcel: bytes that are not those of the digest, or no image, are refused by name", async () => {
  const { digest, bytes } = parcel;
  const changed = bytes.slice();
  changed[100] = (changed[100] ?? 0) ^ 1;
  await expect(unpack({ digest, bytes: changed })).rejects.toMatchObject({ code: "IMAGE_DIGEST" });
  const store = new ImageStore();
  await expect(send(store, "b", { digest, bytes: changed }, 1 << 20)).rejects.toMatchObject({
    code: "IMAGE_DIGEST",
  });
  expect(store.get(digest)).toBeUndefined();
  await send(store, "b", parcel, 1 << 20);
  expect(store.get(digest)).toMatchObject({ name: "far-tree" });
});

test("image store: pieces from two that send the same at once go together, and what does not follow is not taken", async () => {
  const store = new ImageStore();
  const { digest, bytes } = parcel;
  const piece = (from: number): Uint8Array => bytes.slice(from, from + 100_000);
  expect(await store.add("b", digest, 0, bytes.length, piece(0))).toBe(100_000);
  expect(await store.add("b", digest, 0, bytes.length, piece(0))).toBe(100_000);
  expect(await store.add("b", digest, 200_000, bytes.length, piece(200_000))).toBe(100_000);
  expect(await store.add("b", digest, 100_000, bytes.length + 1, piece(100_000))).toBe(100_000);
  // Another host's pieces are its own.
  expect(await store.add("c", digest, 100_000, bytes.length, piece(100_000))).toBe(0);
  await Promise.all([send(store, "b", parcel, 70_000), send(store, "b", parcel, 50_000)]);
  expect(store.get(digest)?.code).toBe(image.code);
});

test.each(["good", "broken"])(
  "image store: while it is unpacked, another piece of it waits for that; of a %s one no part is left",
  async (kind) => {
    const store = new ImageStore();
    const { digest, bytes } = parcel;
    const sent = kind === "good" ? bytes : bytes.map((byte, at) => (at === 100 ? byte ^ 1 : byte));
    const { length } = sent;
    const last = length - 1000;
    expect(await store.add("b", digest, 0, length, sent.slice(0, last))).toBe(last);
    const added = await Promise.allSettled(
      Array.from({ length: 3 }, () => store.add("b", digest, last, length, sent.slice(last))),
    );
    const broken = { status: "rejected", reason: { code: "IMAGE_DIGEST" } };
    const good = { status: "fulfilled", value: length };
    expect(added).toMatchObject(added.map(() => (kind === "good" ? good : broken)));
    // As many as may be sent at a time.
    for (const n of [1, 2, 3, 4])
      expect(await store.add("b", String(n).padStart(64, "0"), 0, 10, Uint8Array.of(1))).toBe(1);
  },
);

test("image store: what is no digest, too large, or too many at once is refused; a lost host's parts go", async () => {
  const store = new ImageStore();
  const one = Uint8Array.of(1);
  const digest = (n: number): string => String(n).padStart(64, "0");
  for (const [name, total] of [
    ["x", 10],
    [digest(1), 0],
    [digest(1), 2 ** 31],
    [digest(1), Number.NaN],
  ] as const)
    await expect(store.add("b", name, 0, total, one)).rejects.toMatchObject({ code: "IMAGE_TOO_LARGE" });
  for (const n of [1, 2, 3, 4]) expect(await store.add("b", digest(n), 0, 10, one)).toBe(1);
  await expect(store.add("b", digest(5), 0, 10, one)).rejects.toMatchObject({ code: "IMAGE_TOO_LARGE" });
  expect(await store.add("b", digest(4), 1, 10, new Uint8Array(10))).toBe(1);
  store.drop("b");
  expect(await store.add("b", digest(5), 0, 10, one)).toBe(1);
});
