/** A planner with so many VMs in place, a thousand to a host: VMs crash one by one, and each is placed anew before the next one does. */
import { cloud, image } from "../../../src/cloud/index.ts";
import { Planner } from "../../../src/cloud/planner.ts";
import type { Orders } from "../../../src/cloud/surroundings.ts";
import { askedCount, nowNs, printSample } from "../contender.ts";

const vms = Number(process.argv.at(-2));
const hosts = Math.max(10, vms / 1000);

/** What is assigned is ready at once. */
class Ready implements Orders {
  placed = 0;
  readonly planner = new Planner();
  private readonly epochs = new Float64Array(vms);

  assign(_host: number, _role: unknown, ordinal: number, epoch: number): void {
    this.placed += 1;
    this.epochs[ordinal] = epoch;
    this.planner.started("mote", ordinal, epoch, 0);
  }

  withdraw(): void {}

  crash(ordinal: number): void {
    this.planner.ended("mote", ordinal, this.epochs[ordinal] ?? 0, "crash", 0);
    this.planner.turn(0, this);
  }
}

const collect = (globalThis as { readonly gc?: () => void }).gc ?? ((): void => {});
const bytes = (): number => {
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

const count = askedCount();
const before = bytes();
const fleet = new Ready();
const { planner } = fleet;
for (let host = 0; host < hosts; host++)
  planner.hostUp(
    {
      name: `host-${host}`,
      region: `region-${host % 3}`,
      labels: {},
      targets: ["wasm"],
      vmsMax: Math.ceil((4 / 3) * (vms / hosts)),
      memoryMbMax: vms,
      pricePerHour: 1,
    },
    0,
  );
const startedNs = nowNs();
// Who has run for no time at all counts as stable: nobody waits.
const mote = { run: image("mote.ts"), count: vms, targets: ["wasm"], memoryMb: 1 } as const;
const more = { spread: { over: "region" }, restart: { stableAfterMs: 0 } };
planner.declare(cloud({ name: "dust", roles: { mote: { ...mote, ...more } }, budget: { vms } }), 0);
while (fleet.placed < vms) planner.turn(0, fleet);
const placingNs = nowNs() - startedNs;
const bytesEach = (bytes() - before) / vms;
for (let n = 0; n < Math.min(count, 20_000); n++) fleet.crash((n * 7919) % vms);
fleet.placed = 0;
const changedNs = nowNs();
for (let n = 0; n < count; n++) fleet.crash((n * 7919) % vms);
const elapsedNs = nowNs() - changedNs;
const extra = { bytesEach, placingNsEach: placingNs / vms };
printSample({ work: count, elapsedNs, check: String(fleet.placed), extra });
