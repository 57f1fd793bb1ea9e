import { afterEach, expect, test } from "vitest";
import { bundle, serviceStatus, type Ref, type ServiceStatus } from "../../../src/index.ts";
import { eventually } from "../eventually.ts";
import type { Root } from "../fixtures/everywhere.ts";
import { fixture } from "../lab.ts";
import { ClusterLab, linked } from "./pair.ts";

const lab = new ClusterLab();
afterEach(() => lab.close());

const boots = { devices: [] } as const;

test("service abroad: its VMs go where there is room, the emptiest host first, and come back when a host is lost", async () => {
  const a = await lab.joined("a", [], { host: { vmsMax: 2 } });
  const b = await lab.joined("b", [a], { join: { boots } });
  const c = await lab.joined("c", [a], { join: { boots } });
  await linked(a, "b");
  await linked(a, "c");
  const { root } = await a.host.boot(await bundle(fixture("everywhere")));
  // Sound: it is that program's root.
  const pages = await a.host.self.call(root as Ref<never> as Ref<Root>, "pages");
  const hostsOf = ({ vms }: ServiceStatus): readonly string[] =>
    vms.map(({ host }) => host.slice(0, 2)).sort();
  const status = (): PromiseLike<ServiceStatus> => serviceStatus(a.host.self, pages);
  expect(hostsOf(await status())).toEqual(["", "b~", "c~"]);
  await Promise.all(Array.from({ length: 30 }, () => a.host.self.call(pages, "read")));
  const { vms } = await status();
  expect(vms.map(({ passed }) => passed > 0)).toEqual([true, true, true]);

  await c.host.stop();
  await eventually(status, (now) => hostsOf(now).join() === ",b~,b~");
  expect(b.host.running).toHaveLength(2);
  // The VMs of a service end with it.
  await a.host.stop();
  await eventually(
    () => b.host.running.length,
    (count) => count === 0,
  );
});

test("service abroad: a program that does not start is tried on one host, and why is told, not that the own one is full", async () => {
  const a = await lab.joined("a", [], { host: { vmsMax: 1 } });
  const b = await lab.joined("b", [a], { join: { boots } });
  const c = await lab.joined("c", [a], { join: { boots } });
  await linked(a, "b");
  await linked(a, "c");
  await expect(a.host.boot(await bundle(fixture("nowhere")))).rejects.toThrow(/no start/);
  const crashes = [b, c].flatMap(({ journal }) => journal.matching(/no start/));
  expect(crashes.map(({ vm }) => vm)).toEqual(["broken"]);
});

test("service abroad: a host that will not boot for others is passed over", async () => {
  const a = await lab.joined("a", [], { host: { vmsMax: 1 } });
  await lab.joined("b", [a]);
  const c = await lab.joined("c", [a], { join: { boots } });
  await linked(a, "b");
  await linked(a, "c");
  await a.host.boot(await bundle(fixture("everywhere")));
  expect(c.host.running).toHaveLength(3);
});
