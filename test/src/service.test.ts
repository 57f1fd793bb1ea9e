import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  bundle,
  createHost,
  replace,
  serviceStatus,
  type Host,
  type ReplaceResult,
  type AnyUnikernel,
} from "../../src/index.ts";
import { fixture } from "./lab.ts";
import * as vms from "./fixtures/service.ts";

const boot = async (host: Host) => {
  const { root } = await host.boot(await bundle<typeof vms.default>(fixture("service")));
  return host.self.call(root, "children");
};

let host: Host;
let tree: Awaited<ReturnType<typeof boot>>;
beforeAll(async () => {
  host = createHost({ log: { line: () => {} } });
  tree = await boot(host);
});
afterAll(() => host.stop());

const names = (report: ReplaceResult): readonly string[] => report.steps.map(({ step }) => step);

describe("service on real VMs", () => {
  test("service: the state goes over in chunks, in order, while it is written to", async () => {
    const { self } = host;
    let n = 0;
    for (const entry of [vms.second, vms.first, vms.second]) {
      for (let i = 0; i < 250; i++) self.cast(tree.one, "add", n++);
      const report = replace(self, tree.one, { entry });
      for (let i = 0; i < 250; i++) self.cast(tree.one, "add", n++);
      expect(names(await report)).toEqual([
        "ready",
        "paused",
        "drained",
        "handed_off",
        "adopted",
        "flipped",
        "flushed",
        "stopped",
      ]);
    }
    expect(await self.call(tree.one, "numbers")).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(await self.call(tree.one, "version")).toBe(2);
  });

  test("service: a call in flight ends on the old VM; one that never ends keeps it", async () => {
    const { self } = host;
    const before = await self.call(tree.one, "version");
    const late = self.call(tree.one, "later");
    const report = await replace(self, tree.one);
    expect(report).toMatchObject({ ok: false, error: "REPLACE_TIMEOUT" });
    self.cast(tree.one, "answer");
    expect(await late).toBe(before);
    expect(await replace(self, tree.one)).toMatchObject({ ok: true });
  });

  const refusals: readonly (readonly [AnyUnikernel, string, RegExp])[] = [
    [vms.broken, "REPLACE_NOT_READY", /no start/],
    [vms.unwell, "REPLACE_NOT_READY", /still warming up/],
    [vms.refusing, "REPLACE_FAILED", /adopted.*not mine/],
    [vms.stuck, "REPLACE_TIMEOUT", /adopted/],
    [vms.poorer, "REPLACE_INCOMPATIBLE", /call "numbers".*cast "add".*adopt/],
  ];
  test.each(refusals.map(([entry, ...rest]) => [entry.name, entry, ...rest] as const))(
    "service: a new VM that is %s leaves the old one serving",
    async (_name, entry, error, text) => {
      const { self } = host;
      const before = await self.call(tree.one, "numbers");
      const asked = replace(self, tree.one, { entry });
      self.cast(tree.one, "add", -1);
      expect(await asked).toMatchObject({ ok: false, error, message: expect.stringMatching(text) });
      expect(await self.call(tree.one, "numbers")).toEqual([...before, -1]);
      expect(host.holds.vms).toBeGreaterThan(0);
    },
  );

  test("service: links and monitors to it are with the service, not with its VMs", async () => {
    const { self } = host;
    const monitor = self.monitor(tree.one);
    await expect(self.call(tree.one, "crash")).rejects.toMatchObject({ code: "CALL_EXIT" });
    expect(await self.call(tree.one, "numbers")).toEqual([]);
    expect(self.demonitor(monitor)).toBe(true);
  });

  test("service: many VMs are replaced one at a time, and put back when the new ones fail", async () => {
    const { self } = host;
    expect(await replace(self, tree.many, { entry: vms.second, observeMs: 1 })).toMatchObject({ ok: true });
    expect(await Promise.all([1, 2, 3].map(() => self.call(tree.many, "version")))).toEqual([2, 2, 2]);
    const report = replace(self, tree.many, { entry: vms.flawed, observeMs: 50, force: true });
    const done = new AbortController();
    const load = (async () => {
      while (!done.signal.aborted) await self.call(tree.many, "version").catch(() => {});
    })();
    expect(await report).toMatchObject({ ok: false, error: "REPLACE_ROLLED_BACK" });
    done.abort();
    await load;
    expect(await Promise.all([1, 2, 3].map(() => self.call(tree.many, "version")))).toEqual([2, 2, 2]);
    const { vms: serving, booting } = await serviceStatus(self, tree.many);
    expect(serving.length + booting).toBe(3);
  });

  test("service: concurrent first calls boot one VM; a boot that fails answers them with the reason", async () => {
    const { self } = host;
    expect(await Promise.all([1, 2, 3].map(() => self.call(tree.asked, "version")))).toEqual([1, 1, 1]);
    expect((await serviceStatus(self, tree.asked)).vms.length).toBe(1);
    const asked = [1, 2].map(() => self.call(tree.never, "version"));
    for (const call of asked)
      await expect(call).rejects.toMatchObject({
        code: "CALL_REFUSED",
        details: { reason: { code: "SERVICE_DOWN", message: expect.stringContaining("no start") } },
      });
    expect((await serviceStatus(self, tree.never)).vms.length).toBe(0);
  });

  test("service: a new image that the host keeps takes over, and the old one again", async () => {
    const { self } = host;
    host.keep("next", await bundle(fixture("service-next")));
    self.cast(tree.one, "add", 7);
    const before = await self.call(tree.one, "numbers");
    expect(await replace(self, tree.one, { entry: vms.second })).toMatchObject({ ok: true });
    expect(await replace(self, tree.one, { entry: vms.first, image: "next" })).toMatchObject({ ok: true });
    expect(await self.call(tree.one, "version")).toBe(1002);
    expect(await self.call(tree.one, "numbers")).toEqual(before);
    const unknown = await replace(self, tree.one, { image: "nowhere" });
    expect(unknown).toMatchObject({ ok: false, message: expect.stringContaining("IMAGE_UNKNOWN") });
    // It can do what the old program cannot, so the way back is by force.
    expect(await replace(self, tree.one, { entry: vms.first })).toMatchObject({
      error: "REPLACE_INCOMPATIBLE",
      message: expect.stringContaining('call "more"'),
    });
    expect(await replace(self, tree.one, { entry: vms.first, force: true })).toMatchObject({ ok: true });
    expect(await self.call(tree.one, "version")).toBe(1);
  });

  test("service: a host without room says so, and the calls that wait are answered", async () => {
    const small = await host.boot(await bundle<typeof vms.default>(fixture("service")), { vmsMax: 4 });
    const { asked } = await host.self.call(small.root, "children");
    await expect(host.self.call(asked, "version")).rejects.toMatchObject({
      details: { reason: { code: "SERVICE_DOWN", message: expect.stringContaining("VMS_EXHAUSTED") } },
    });
    small.kill();
    await small.ended;
  });
});
