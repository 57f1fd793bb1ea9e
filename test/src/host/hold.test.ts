import { afterEach, expect, test } from "vitest";
import type { Host } from "../../../src/host/host.ts";
import { bundle } from "../../../src/image/bundle.ts";
import { eventually } from "../eventually.ts";
import type steady from "../fixtures/steady.ts";
import { fixture, Lab } from "../lab.ts";

const lab = new Lab();
afterEach(() => lab.close());

const targets = ["isolate", "process", "wasm", "wasm-packed"];
const watchdogMs = 1000;
const program = () => bundle<typeof steady>(fixture("steady"));
type Steady = Awaited<ReturnType<typeof program>>;

/** Held and let go: what it had counted before, and after. */
async function heldOnce(host: Host, image: Steady, target: string): Promise<readonly [number, number]> {
  const vm = await host.boot(image, { target, watchdogMs });
  const ticks = async (): Promise<number> => host.self.call(vm.root, "ticks");
  const before = await eventually(ticks, (count) => count > 3);
  expect(vm.hold(true)).toBe(true);
  // Its last turn may still be under way. Longer than the watchdog would wait.
  const asked = async (): Promise<number | "silent"> =>
    host.self.callWithin(2 * watchdogMs, vm.root, "ticks").then(
      (count) => count,
      () => "silent",
    );
  await eventually(asked, (answer) => answer === "silent");
  expect(vm.hold(false)).toBe(true);
  const after = await ticks();
  await eventually(ticks, (count) => count > after);
  return [before, after];
}

test("hold: a VM does nothing while it is held, keeps what it has, and goes on where it was", async () => {
  const { host } = lab.host();
  const image = await program();
  const counted = await Promise.all(targets.map((target) => heldOnce(host, image, target)));
  for (const [before, after] of counted) expect(after).toBeGreaterThanOrEqual(before);
  expect(host.running).toHaveLength(targets.length);
});

test.each(targets)("hold: a VM of %s can be ended while it is held, also with its host", async (target) => {
  const { host } = lab.host();
  const image = await program();
  const vms = await Promise.all([1, 2, 3].map(() => host.boot(image, { target })));
  for (const vm of vms) vm.hold(true);
  const [one, other, last] = vms;
  expect([await one?.kill(), await other?.stop()]).toEqual(["killed", "killed"]);
  await host.stop();
  expect(await last?.ended).toBe("killed");
  expect([host.running, last?.hold(false)]).toEqual([[], false]);
});
