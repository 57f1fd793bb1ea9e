import { afterEach, describe, expect, test } from "vitest";
import { announce, find, name } from "../../../kernel/index.ts";
import { eventually } from "../eventually.ts";
import { Lab } from "../lab.ts";

const lab = new Lab();
afterEach(() => lab.close());

const none = { vms: 0, timers: 0, calls: 0, bonds: 0 };

test("host actor: as many may announce themselves as a host may have VMs", async () => {
  const { host } = lab.host();
  const all = 20_000;
  await Promise.all(Array.from({ length: all }, (_, n) => announce(host.self, name(`district ${n % 100}`))));
  expect(host.announced).toHaveLength(all);
  expect(await find(host.self, name("district 7"))).toHaveLength(all / 100);
});

describe("host actor: VMs that boot VMs", () => {
  // A link does not pass on a normal end: there the host is the one that ends the VM.
  test.each(["killed", "normal"] as const)(
    "host actor: a VM ends with the actor that booted it (%s)",
    async (how) => {
      const { host } = lab.host();
      const vm = await lab.boot(host);
      const booter = await host.self.call(vm.root, "booter");
      await host.self.call(booter, "boots", 2);
      expect(host.running).toHaveLength(3);
      if (how === "killed") host.self.exit(booter, "kill");
      else host.self.cast(booter, "end");
      await eventually(
        () => host.running,
        ({ length }) => length === 1,
      );
      expect(await host.self.call(vm.root, "ping")).toBe("pong");
    },
  );

  test.each(["actor", "vm"] as const)(
    "host actor: boots under way end with their owner (%s)",
    async (which) => {
      const { host } = lab.host();
      const vm = await lab.boot(host);
      const booter = await host.self.call(vm.root, "booter");
      const boots = host.self.call(booter, "boots", 12).then(
        () => "booted",
        () => "gone",
      );
      await eventually(
        () => host.running,
        ({ length }) => length > 4,
      );
      if (which === "vm") await vm.kill();
      else host.self.exit(booter, "kill");
      expect(await boots).toBe("gone");
      await eventually(
        () => host.running,
        ({ length }) => length === (which === "vm" ? 0 : 1),
      );
      if (which === "actor") expect(await host.self.call(vm.root, "ping")).toBe("pong");
      await host.stop();
      expect(host.holds).toEqual(none);
    },
  );

  test("host actor: a host that stops while its VMs boot others ends them all", async () => {
    const { host } = lab.host();
    const vms = await lab.boots(host, 3);
    for (const { root } of vms) {
      const booter = await host.self.call(root, "booter");
      void host.self.call(booter, "boots", 5).catch(() => {});
    }
    await eventually(
      () => host.running,
      ({ length }) => length > 6,
    );
    await Promise.all([host.stop(), host.stop()]);
    expect(host.running).toEqual([]);
    expect(host.holds).toEqual(none);
  });

  test("host actor: a VM that was asked to be killed twice ends once", async () => {
    const { host } = lab.host();
    const vm = await lab.boot(host);
    for (const number of [vm.vm, vm.vm, 999]) await host.self.call(host.self.host, "kill", number);
    const all = host.self.call(host.self.host, "kill", "all" as never);
    await expect(all).rejects.toMatchObject({ code: "CALL_REFUSED" });
    expect(await vm.ended).toBe("killed");
    expect(await host.self.call((await lab.boot(host)).root, "ping")).toBe("pong");
  });
});
