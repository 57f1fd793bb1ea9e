import { afterEach, describe, expect, test } from "vitest";
import { bundle } from "../../../src/image/bundle.ts";
import { eventually } from "../eventually.ts";
import type steady from "../fixtures/steady.ts";
import { fixture, Lab } from "../lab.ts";

const lab = new Lab();
afterEach(() => lab.close());

const watchdogMs = 100;

describe.each(["isolate", "process", "wasm", "wasm-packed"])("hold: a VM of %s", (target) => {
  test("does nothing while it is held, keeps what it has, and goes on where it was", async () => {
    const { host } = lab.host();
    const image = await bundle<typeof steady>(fixture("steady"));
    const vm = await host.boot(image, { target, watchdogMs });
    const ticks = async (): Promise<number> => host.self.call(vm.root, "ticks");
    const before = await eventually(ticks, (count) => count > 3);
    expect(vm.hold(true)).toBe(true);
    // Its last turn may still be under way. Far longer than the watchdog would wait.
    const asked = async (): Promise<number | "silent"> =>
      host.self.callWithin(4 * watchdogMs, vm.root, "ticks").then(
        (count) => count,
        () => "silent",
      );
    await eventually(asked, (answer) => answer === "silent");
    expect(vm.hold(false)).toBe(true);
    const after = await ticks();
    expect(after).toBeGreaterThanOrEqual(before);
    await eventually(ticks, (count) => count > after);
    expect(host.running.map(({ vm: number }) => number)).toEqual([vm.vm]);
  });

  test("can be ended while it is held, also with its host", async () => {
    const { host } = lab.host();
    const image = await bundle<typeof steady>(fixture("steady"));
    const vms = await Promise.all([1, 2, 3].map(() => host.boot(image, { target })));
    for (const vm of vms) vm.hold(true);
    const [one, other, last] = vms;
    expect([await one?.kill(), await other?.stop()]).toEqual(["killed", "killed"]);
    await host.stop();
    expect(await last?.ended).toBe("killed");
    expect([host.running, last?.hold(false)]).toEqual([[], false]);
  });
});
