/** A door before services that boot their VM when somebody asks. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { bundle, createHost, replace, serviceStatus, type Ref } from "../../../src/index.ts";
import type { ServiceProtocol } from "../../../src/index.ts";
import type app from "../fixtures/door-summon.ts";
import { Door } from "./visitor.ts";

const host = createHost({ log: { line: () => {} } });
let door: Door;
let pages: Ref<ServiceProtocol>;

beforeAll(async () => {
  const program = fileURLToPath(new URL("../fixtures/door-summon.ts", import.meta.url));
  const vm = await host.boot(await bundle<typeof app>(program));
  const children = await host.self.call(vm.root, "children");
  pages = children.pages;
  door = new Door(children.door, (await host.self.call(children.door, "address")).port);
});
afterAll(async () => {
  await host.stop();
  expect(host.holds).toEqual({ vms: 0, timers: 0, calls: 0, bonds: 0 });
});

test("summon: the first requests wait for one VM, and it answers them all", async () => {
  expect((await serviceStatus(host.self, pages)).vms).toEqual([]);
  const answers = await Promise.all(Array.from({ length: 20 }, () => door.ask("/")));
  expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
  const visits = answers.map(({ text }) => text.split(" "));
  expect(new Set(visits.map(([vm]) => vm)).size).toBe(1);
  expect(visits.map(([, visit]) => Number(visit)).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 20 }, (_, n) => n + 1),
  );
});

test("summon: a VM that does not boot is a 503 with the reason, and when to try again", async () => {
  const { status, text, headers } = await door.ask("/", { headers: { host: "broken.example" } });
  expect([status, headers["retry-after"]]).toEqual([503, "1"]);
  expect(text).toContain("SERVICE_DOWN");
});

test("summon: no request fails while the VM is replaced, and its state goes on", async () => {
  const burst = { over: false };
  const seen: (readonly [status: number, vm: string, visits: number])[] = [];
  const before = Number((await door.ask("/")).text.split(" ")[1]);
  const visitors = Array.from({ length: 4 }, async () => {
    while (!burst.over) {
      const { status, text } = await door.ask("/");
      const [vm = "", visits] = text.split(" ");
      seen.push([status, vm, Number(visits)]);
    }
  });
  const report = await replace(host.self, pages);
  burst.over = true;
  await Promise.all(visitors);
  expect(report).toMatchObject({ ok: true });
  expect(seen.filter(([status]) => status !== 200)).toEqual([]);
  const last = (await door.ask("/")).text.split(" ");
  expect(Number(last[1])).toBe(before + seen.length + 1);
  expect(new Set(seen.map(([, vm]) => vm)).size).toBeLessThanOrEqual(2);
  expect(last[0]).not.toBe(seen[0]?.[1]);
});
