/** A sealed image by the command line: built, described, booted, and refused in every way that it should be. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sealContainer, openContainer } from "../../src/image/container.ts";
import { motes } from "../support/motes.ts";

const path = (from: string): string => fileURLToPath(new URL(`../../${from}.ts`, import.meta.url));
const image = (name: string): string => path(`test/src/fixtures/image/${name}`);

/** Lines of VMs, without the actor that wrote them. */
const said = ({ stdout }: { readonly stdout: string }): string => stdout.replace(/^(\S+) \S+ \|/gm, "$1 |");

let folder: string;
const at = (name: string): string => join(folder, name);

/** A sealed image whose manifest says something else, under a digest that is right. */
async function forged(name: string, change: (manifest: Record<string, unknown>) => object): Promise<string> {
  const container = await openContainer(readFileSync(at("switch.mote")), name);
  const manifest = JSON.parse(container.manifest) as Record<string, unknown>;
  const bytes = await sealContainer({ ...container, manifest: JSON.stringify(change(manifest)) });
  writeFileSync(at(name), bytes);
  return at(name);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "motes-image-"));
  const built = await Promise.all([
    motes(["build", image("switch"), "-o", at("switch.mote"), "--key", "word=farewell"]).ended,
    motes(["build", path("test/src/fixtures/hello"), "-o", at("hello.mote")]).ended,
    motes(["build", image("files"), "-o", at("files.mote")]).ended,
    motes(["build", image("plain"), "-o", at("plain.mote"), "--key", "word=everywhere"]).ended,
    motes(["build", path("examples/kv/app"), "-o", at("kv.mote"), "--key=port=0", "--key", "shards=1"]).ended,
  ]);
  for (const ran of built) expect(ran).toMatchObject({ code: 0, stderr: "" });
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("motes boot", () => {
  test("boots what was built, with the keys of its build", async () => {
    const ran = await motes(["boot", at("switch.mote"), "--allow", "listen"]).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(said(ran)).toBe("switch | the word is farewell\n");
  });

  test("a crash names file and line of the program that was built", async () => {
    const crash = { MOTES_TEST_CRASH: "1" };
    const ran = await motes(["boot", at("hello.mote"), "--allow", "env"], crash).ended;
    expect(ran.code).toBe(1);
    expect(ran.stdout).toMatch(/\(hello\.ts:11:\d+\)/);
  });

  const targets = ["isolate", "process", "wasm", "wasm-packed", "wasm-instance"];
  test.each(targets)("boots on %s what needs nothing of Node, from any folder", async (target) => {
    const elsewhere = ["env", "-C", folder];
    const ran = await motes(["boot", at("plain.mote"), "--target", target], {}, elsewhere).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(said(ran)).toBe("plain | the word is everywhere\n");
  });

  test("gives it what it declares: files, and no environment", async () => {
    const ran = await motes(["boot", at("files.mote"), "--allow", "store"]).ended;
    expect(said(ran)).toBe(
      "files | refused: process.env.PATH and all others are empty: the device env is not granted\nfiles | root true, PATH none\n",
    );
  });

  test("examples/kv boots with all its VMs, and ends at Ctrl-C", async () => {
    const running = motes(["boot", at("kv.mote"), "--allow", "listen,vms"]);
    const [, url = ""] = await running.says(/listening on (http:\S+)/);
    expect((await fetch(`${url}kv/a`, { method: "PUT", body: "1" })).status).toBe(204);
    expect(await (await fetch(`${url}kv/a`)).text()).toBe("1");
    running.interrupt();
    expect(await running.ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("a program has no more VMs than it was granted", async () => {
    const ran = await motes(["boot", at("kv.mote"), "--allow", "listen,vms", "--vms", "0"]).ended;
    expect(ran.code).toBe(1);
    expect(ran.stdout + ran.stderr).toMatch(/app and those that it boots may have 0 VMs at a time/);
  });

  const refused: readonly [
    what: string,
    make: () => Promise<string[]> | string[],
    code: string,
    status: number,
  ][] = [
    ["no file", () => [], "MISSING_ARGUMENT", 2],
    ["a file that is not there", () => [at("nowhere.mote")], "IMAGE_NOT_FOUND", 1],
    ["a folder", () => [folder], "IMAGE_NOT_FOUND", 1],
    ["a foreign file", () => [image("switch")], "IMAGE_FOREIGN", 1],
    [
      "a truncated file",
      () => {
        writeFileSync(at("short.mote"), readFileSync(at("switch.mote")).subarray(0, 5000));
        return [at("short.mote")];
      },
      "IMAGE_TRUNCATED",
      1,
    ],
    [
      "a changed file",
      () => {
        const bytes = readFileSync(at("switch.mote"));
        bytes[9999] = (bytes[9999] ?? 0) ^ 1;
        writeFileSync(at("changed.mote"), bytes);
        return [at("changed.mote")];
      },
      "IMAGE_DIGEST",
      1,
    ],
    [
      "another protocol",
      async () => [await forged("p.mote", (m) => ({ ...m, protocol: "x" })), "--allow=listen"],
      "IMAGE_PROTOCOL",
      1,
    ],
    [
      "a manifest without entries",
      async () => [await forged("m.mote", (m) => ({ ...m, entries: 1 }))],
      "IMAGE_MANIFEST",
      1,
    ],
    [
      "a key without a value",
      async () => [await forged("k.mote", (m) => ({ ...m, keys: { a: { type: "number" } } }))],
      "KEY_MISSING",
      1,
    ],
    [
      "a target that it has no code for",
      async () => [await forged("t.mote", (m) => ({ ...m, targets: ["sim"] }))],
      "TARGET_UNSUPPORTED",
      1,
    ],
    [
      "a target without its device",
      () => [at("files.mote"), "--allow", "store", "--target", "process"],
      "TARGET_LACKS_DEVICE",
      1,
    ],
    [
      "a target without files",
      () => [at("files.mote"), "--allow", "store", "--target", "wasm"],
      "TARGET_LACKS_DEVICE",
      1,
    ],
    ["a device that is not granted", () => [at("kv.mote"), "--allow", "vms"], "DEVICE_NOT_GRANTED", 1],
    ["an unknown device", () => [at("kv.mote"), "--allow", "moon"], "DEVICE_UNKNOWN", 2],
    ["an unknown target", () => [at("kv.mote"), "--target", "cloud"], "UNKNOWN_TARGET", 2],
  ];

  test.each(refused)("refuses %s", async (_what, make, code, status) => {
    const ran = await motes(["boot", ...(await make())]).ended;
    expect(ran.stderr).toMatch(new RegExp(`^motes: ${code}: `));
    expect(ran).toMatchObject({ code: status, stdout: "" });
  });
});

describe("motes describe", () => {
  test("prints the manifest, the size and the modules by weight", async () => {
    const { stdout, code } = await motes(["describe", at("kv.mote")]).ended;
    expect(code).toBe(0);
    for (const line of [
      /^boots +main \(also in it: shard, front\)$/m,
      /^devices +listen, vms$/m,
      /^targets +isolate, process, wasm$/m,
      /^ {2}port: number = 0 {2}\(where the front listens; .*\)$/m,
      /^ +[\d,]+ {2}motes:kernel\/kernel\.[jt]s$/m,
      /^ +[\d,]+ {2}front\.ts$/m,
    ])
      expect(stdout).toMatch(line);
    const { stdout: json } = await motes(["describe", at("kv.mote"), "--json"]).ended;
    expect(JSON.parse(json)).toMatchObject({ name: "app", bytes: readFileSync(at("kv.mote")).length });
  });
});

describe("motes build and run", () => {
  test("run takes keys", async () => {
    const ran = await motes(["run", image("switch"), "--key", "word=x=y", "--key", "debug=true"]).ended;
    expect(said(ran)).toBe("switch | code behind a key\nswitch | the word is x=y\n");
  });

  test.each([
    ["an unknown key", ["--key", "colour=red"], "KEY_UNKNOWN", 2],
    ["a mistyped key", ["--key", "debug=1"], "KEY_INVALID", 2],
    ["a key without a value", ["--key", "debug"], "KEY_INVALID", 2],
    ["a place that cannot be written", ["-o", "/nowhere/app.mote"], "IMAGE_NOT_WRITTEN", 1],
  ])("build refuses %s", async (_what, args, code, status) => {
    const ran = await motes(["build", image("switch"), ...args]).ended;
    expect(ran.stderr).toMatch(new RegExp(`^motes: ${code}: `));
    expect(ran).toMatchObject({ code: status, stdout: "" });
  });

  test("run refuses what reaches outside undeclared", async () => {
    const ran = await motes(["run", image("sneaky")]).ended;
    expect(ran.stderr).toMatch(/^motes: DEVICE_UNDECLARED: [^]*sneaky\.ts:1: imports node:fs/);
    expect(ran.code).toBe(1);
  });
});
