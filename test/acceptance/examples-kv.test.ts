/** `examples/kv` over real HTTP, in-process: what it answers, and what is left after a part of it was killed. */
import { request } from "node:http";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type app from "../../examples/kv/app.ts";
import { placement } from "../../examples/kv/placement.ts";
import {
  bundle,
  createHost,
  type Host,
  type Image,
  type ProtocolOf,
  type RunningVm,
} from "../../src/index.ts";
import type { kv } from "../../examples/kv/app.ts";

const program = fileURLToPath(new URL("../../examples/kv/app.ts", import.meta.url));
const shards = 2;
const silent = { line: () => {} };

interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
}

let host: Host;
let vm: RunningVm<ProtocolOf<typeof kv>>;
let origin: string;

/** As it is on the wire: `fetch` would change paths such as `/kv/..`. */
async function ask(method: string, path: string, body?: Buffer | string): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, path, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks), headers: response.headers }),
      );
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

const at = (key: string): string => `/kv/${encodeURIComponent(key)}`;

async function portOf(of: RunningVm<ProtocolOf<typeof kv>>): Promise<number> {
  const { front } = await host.self.call(of.root, "children");
  const { http } = await host.self.call(front, "children");
  return host.self.call(http, "port");
}

let image: Image<ProtocolOf<typeof kv>>;

beforeAll(async () => {
  host = createHost({ log: silent });
  image = await bundle<typeof app>(program);
  const args = [{ shards, port: 0, hostname: "127.0.0.1", shardBytesMax: 2 * 1024 * 1024 }];
  vm = await host.boot(image, { args });
  origin = `http://127.0.0.1:${await portOf(vm)}`;
});

afterAll(async () => {
  await host.stop();
  expect(host.holds).toEqual({ vms: 0, timers: 0, calls: 0, bonds: 0 });
});

describe("kv: keys and values", () => {
  const keys = [
    "a",
    "b c",
    "a/b",
    "ä€😀",
    "..",
    ".",
    "%",
    "a?b#c",
    "kv/",
    " ",
    "__proto__",
    "x".repeat(1024),
  ];

  test.each(keys)("%s is put, got and deleted, and no other key is touched", async (key) => {
    expect((await ask("PUT", at("bystander"), "unharmed")).status).toBe(204);
    expect((await ask("GET", at(key))).status).toBe(404);
    expect((await ask("PUT", at(key), `the value of ${key}`)).status).toBe(204);
    const got = await ask("GET", at(key));
    expect(got.status).toBe(200);
    expect(got.body.toString()).toBe(`the value of ${key}`);
    expect((await ask("DELETE", at(key))).status).toBe(204);
    expect((await ask("DELETE", at(key))).status).toBe(404);
    expect((await ask("GET", at(key))).status).toBe(404);
    expect((await ask("GET", at("bystander"))).body.toString()).toBe("unharmed");
  });

  test("a value is the bytes that were put, from none to a mebibyte", async () => {
    const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
    for (const value of [Buffer.alloc(0), all, Buffer.alloc(1024 * 1024, all)]) {
      expect((await ask("PUT", at("bytes"), value)).status).toBe(204);
      const { status, body, headers } = await ask("GET", at("bytes"));
      expect(status).toBe(200);
      expect(headers["content-type"]).toBe("application/octet-stream");
      expect(body.equals(value)).toBe(true);
    }
    const { status, body, headers } = await ask("HEAD", at("bytes"));
    expect([status, body.length, headers["content-length"]]).toEqual([200, 0, String(1024 * 1024)]);
    expect((await ask("DELETE", at("bytes"))).status).toBe(204);
  });
});

describe("kv: what it refuses", () => {
  test.each([
    ["GET", "/elsewhere", 404],
    ["GET", "/kv/", 404],
    ["GET", "//", 404],
    ["GET", "/kv/%", 400],
    ["GET", "/kv/%ff", 400],
    ["GET", `/kv/${"x".repeat(1025)}`, 414],
    ["PATCH", "/kv/a", 405],
  ])("%s %s is answered with %i", async (method, path, status) => {
    const answer = await ask(method, path);
    expect(answer.status).toBe(status);
    expect(answer.body.toString()).toMatch(/.\n$/);
    if (status === 405) expect(answer.headers["allow"]).toBe("GET, HEAD, PUT, DELETE");
  });

  test("a value that is too long is refused with 413, and what was there stays", async () => {
    await ask("PUT", at("long"), "short");
    for (const bytes of [1024 * 1024 + 1, 8 * 1024 * 1024]) {
      expect((await ask("PUT", at("long"), Buffer.alloc(bytes))).status).toBe(413);
    }
    expect((await ask("GET", at("long"))).body.toString()).toBe("short");
  });

  test("a full shard refuses with 507, takes what fits, and has room again after a delete", async () => {
    const placeOf = await placement(shards);
    const keys = Array.from({ length: 32 }, (_, n) => `fill-${n}`).filter((key) => placeOf(key) === 0);
    const value = Buffer.alloc(1_000_000);
    const [first = "", second = "", third = ""] = keys;
    expect((await ask("PUT", at(first), value)).status).toBe(204);
    expect((await ask("PUT", at(second), value)).status).toBe(204);
    expect((await ask("PUT", at(third), value)).status).toBe(507);
    expect((await ask("PUT", at(third), "small")).status).toBe(204);
    expect((await ask("PUT", at(first), value)).status).toBe(204);
    expect((await ask("DELETE", at(second))).status).toBe(204);
    expect((await ask("PUT", at(third), value)).status).toBe(204);
    for (const key of [first, third]) expect((await ask("DELETE", at(key))).status).toBe(204);
  });
});

describe("kv: what comes back", () => {
  test("a store that crashes loses no key, and its VM goes on", async () => {
    const before = await shardOf(0);
    const key = await keyOf(0);
    await ask("PUT", at(key), "kept");
    host.self.cast(before.store, "crash");
    await until(async () => (await shardOf(0)).incarnation !== before.incarnation);
    expect((await ask("GET", at(key))).body.toString()).toBe("kept");
    expect((await shardOf(0)).vm).toBe(before.vm);
  });

  test("a shard whose VM is killed comes back empty, and the other shard's keys are there all the time", async () => {
    const before = await shardOf(1);
    const [own, others] = [await keyOf(1), await keyOf(0)];
    for (const key of [own, others]) expect((await ask("PUT", at(key), "here")).status).toBe(204);
    host.kill(before.vm);
    const seen = new Set<number>();
    await until(async () => {
      const { status, headers } = await ask("GET", at(own));
      seen.add(status);
      if (status === 503) expect(headers["retry-after"]).toBe("1");
      expect((await ask("GET", at(others))).body.toString()).toBe("here");
      return status === 404;
    });
    // 200: not killed yet; 503: away; 404: back, without its keys.
    expect([...seen].every((status) => [200, 503, 404].includes(status))).toBe(true);
    expect((await shardOf(1)).vm).not.toBe(before.vm);
    expect((await ask("PUT", at(own), "anew")).status).toBe(204);
  });

  test("a front whose VM is killed listens again on its port", async () => {
    const second = await host.boot(image, { args: [{ shards: 1, port: 0, hostname: "127.0.0.1" }] });
    const port = await portOf(second);
    await second.stop();
    const third = await host.boot(image, { args: [{ shards: 1, port, hostname: "127.0.0.1" }] });
    const front = (await host.self.call(third.root, "whichChildren")).find(({ id }) => id === "front");
    host.kill(front?.incarnation?.vm ?? 0);
    const answered = async (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${port}/`).then(
        ({ status }) => status === 200,
        () => false,
      );
    await until(async () => {
      const [now] = await host.self.call(third.root, "whichChildren");
      return (
        now?.incarnation !== undefined && now.incarnation.vm !== front?.incarnation?.vm && (await answered())
      );
    });
    expect(await third.stop()).toBe("shutdown");
    expect(await answered()).toBe(false);
  });
});

async function shardOf(shard: number) {
  const of = (await host.self.call(vm.root, "children"))[`shard-${shard}`];
  if (of === undefined) throw new Error(`no shard ${shard}`);
  const { store } = await host.self.call(of, "children");
  const infos = await host.self.call(of, "whichChildren");
  const { incarnation } = infos.find(({ id }) => id === "store") ?? {};
  return { store, incarnation: String(incarnation), vm: incarnation?.vm ?? 0 };
}

async function keyOf(shard: number): Promise<string> {
  const placeOf = await placement(shards);
  for (let n = 0; ; n++) if (placeOf(`key-${n}`) === shard) return `key-${n}`;
}

/** Looks again and again until it holds; what fails meanwhile is what is being waited for. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (const endMs = performance.now() + 10_000; performance.now() < endMs; ) {
    if (await holds()) return;
    await host.self.sleep(5);
  }
  throw new Error("it did not come true within 10 s");
}
