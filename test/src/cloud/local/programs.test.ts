import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { cloud, image } from "../../../../src/cloud/cloud.ts";
import type { Cloud } from "../../../../src/cloud/declaration.ts";
import { Programs } from "../../../../src/cloud/local/programs.ts";
import type { AnyImage } from "../../../../src/image/image.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "motes-programs-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As in a bucket, without one. */
class Shelf {
  readonly images = new Map<string, AnyImage>();
  gets = 0;

  put(id: string, made: AnyImage): Promise<void> {
    if (!this.images.has(id)) this.images.set(id, made);
    return Promise.resolve();
  }

  get(id: string): Promise<AnyImage | undefined> {
    this.gets += 1;
    return Promise.resolve(this.images.get(id));
  }
}

const source = (text: string): string => `
  import { actor, unikernel } from "motes";
  export default unikernel({ root: actor({ init: () => ${JSON.stringify(text)} }) });
`;

const declared: Cloud = cloud({
  name: "dust",
  roles: {
    one: { run: image("./mote.js", { args: ["1"] }), count: 1 },
    two: { run: image("./mote.js", { args: ["2"] }), count: 1 },
    other: { run: image("./other.js"), count: 1, targets: ["wasm"] },
  },
});

const plain: Cloud = { ...declared, roles: declared.roles.slice(0, 2) };

const write = (where: string, text: string): void => {
  writeFileSync(join(where, "mote.js"), source(text));
  writeFileSync(join(where, "other.js"), source("other"));
};

const digests = ({ roles }: Cloud): readonly (string | undefined)[] =>
  roles.map(({ fingerprint }) => fingerprint.split(" ").at(-1));

test("cloud programs: an image is kept once, under what it is, wherever it was bundled and whatever its VMs are given", async () => {
  write(folder, "a");
  const shelf = new Shelf();
  const programs = new Programs(shelf);
  const first = await programs.prepare(declared, folder);
  const [one, two, other] = digests(first);
  expect(one).toMatch(/^[0-9a-f]{64}$/);
  expect([two === one, other === one]).toEqual([true, false]);
  expect([...shelf.images.keys()]).toEqual([one, other]);
  // What is for VMs without Node goes along.
  expect([...shelf.images.values()].map((made) => made.portable === undefined)).toEqual([true, false]);

  const elsewhere = mkdtempSync(join(tmpdir(), "motes-programs-"));
  try {
    write(elsewhere, "a");
    expect(digests(await new Programs().prepare(plain, elsewhere))).toEqual([one, one]);
    write(elsewhere, "b");
    const [changed] = digests(await new Programs(shelf).prepare(plain, elsewhere));
    expect([changed === one, shelf.images.size]).toEqual([false, 3]);
  } finally {
    rmSync(elsewhere, { recursive: true });
  }
});

test("cloud programs: another host takes an image from the shelf, once; one that is not there is asked for again", async () => {
  write(folder, "a");
  const shelf = new Shelf();
  const { roles } = await new Programs(shelf).prepare(plain, folder);
  const [one, two] = roles;
  if (one === undefined || two === undefined) throw new Error("no roles");
  const host = new Programs(shelf);
  const all = await Promise.all([host.of(one), host.of(two), host.of(one)]);
  expect([new Set(all).size, shelf.gets]).toEqual([1, 1]);
  const nothing = new Programs(new Shelf());
  for (let n = 0; n < 2; n++)
    await expect(nothing.of(one)).rejects.toThrow(expect.objectContaining({ code: "IMAGE_UNKNOWN" }));
});
