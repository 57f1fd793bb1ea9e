/** A door in one VM, what it leads to in another without a device. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { buildImage } from "../../../src/image/build.ts";
import { httpDoor } from "../../../src/door/index.ts";
import { bundle, createHost, isolate, processTarget, wasm } from "../../../src/index.ts";
import type answers from "../fixtures/door-answers.ts";
import type app from "../fixtures/door-app.ts";
import { eventually } from "../eventually.ts";
import { Door } from "./visitor.ts";

const program = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/door-${name}.ts`, import.meta.url));

test.each([
  ["isolates", isolate],
  ["processes", processTarget],
])(
  "door: leads from its VM to another, and finds the next one when that one is killed: %s",
  async (_name, target) => {
    const host = createHost({ target, log: { line: () => {} } });
    const vm = await host.boot(await bundle<typeof app>(program("app")));
    const { front } = await host.self.call(vm.root, "children");
    const { door: ref } = await host.self.call(front, "children");
    const door = new Door(ref, (await host.self.call(ref, "address")).port);
    expect((await door.ask("/a")).text).toBe("1");
    expect((await door.ask("/parts", { method: "POST", body: Buffer.alloc(200_000, "x") })).text).toBe(
      "200000 2",
    );
    expect((await door.ask("/wedge")).status).toBe(503);
    const next = await eventually(
      () => door.ask("/a"),
      ({ status }) => status === 200,
    );
    expect(next.text).toBe("1");
    await host.stop();
    expect(host.holds).toEqual({ vms: 0, timers: 0, calls: 0, bonds: 0 });
  },
);

test("door: what is behind it needs no Node, and streams all the same", async () => {
  const host = createHost({ target: wasm, log: { line: () => {} } });
  const vm = await host.boot(await bundle<typeof answers>(program("answers")));
  const { ref } = await host.self.start(httpDoor, { port: 0, to: vm.root });
  const door = new Door(ref, (await host.self.call(ref, "address")).port);
  expect((await door.ask("/", { headers: { "x-own": "its own" } })).text).toBe("its own");
  const { status, body } = await door.ask("/", { method: "POST", body: Buffer.alloc(1_000_000, "abc") });
  expect(status).toBe(201);
  expect(body.equals(Buffer.alloc(1_000_000, "ABC"))).toBe(true);
  // It is an actor of the host's own VM, and ends with it.
  await host.stop();
  await eventually(
    () => process.getActiveResourcesInfo().filter((name) => name.includes("TCP")),
    (left) => left.length === 0,
  );
  expect(host.holds).toEqual({ vms: 0, timers: 0, calls: 0, bonds: 0 });
});

test("door: a program that has one declares that it listens, one behind it needs nothing", async () => {
  const { manifest } = await buildImage(program("answers"));
  expect(manifest.devices).toEqual([]);
  await expect(buildImage(program("undeclared"))).rejects.toMatchObject({
    code: "DEVICE_UNDECLARED",
    message: expect.stringMatching(
      /door-undeclared\.ts:2: imports motes\/door; declare it: .*\["listen"\]/,
    ) as unknown,
  });
  expect((await buildImage(program("app"))).manifest.devices).toEqual(["listen", "vms"]);
});
