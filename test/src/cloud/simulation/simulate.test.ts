import { expect, test } from "vitest";
import { cloud, image } from "../../../../src/cloud/cloud.ts";
import { simulateCloud } from "../../../../src/cloud/simulation/simulate.ts";

const dust = cloud({
  name: "dust",
  roles: {
    mote: {
      run: image("mote.ts"),
      count: 9,
      memoryMb: 1,
      targets: ["wasm"],
      spread: { over: "rack", maxSkew: 3 },
    },
    well: {
      run: image("well.ts"),
      count: 1,
      memoryMb: 1,
      hosts: { regions: ["eu", "us"], labels: { disk: "ssd" } },
    },
  },
  budget: { vms: 10 },
});

test("cloud simulate: a start and each kind of trouble converge, within the budget, and a store that is away moves nothing", () => {
  const told: string[] = [];
  const result = simulateCloud(dust, { hosts: 12, vms: 600, onPhase: ({ name }) => told.push(name) });
  expect(result).toMatchObject({ hosts: 12, vms: 600, violations: [], obstacles: [], peak: { vms: 600 } });
  expect(result.phases.map(({ name }) => name)).toEqual(told);
  expect(result.phases.every(({ convergedMs }) => convergedMs !== undefined)).toBe(true);
  const [start, dead, back, cut, , , down] = result.phases;
  expect(start?.moves).toBe(600);
  // A twelfth of them each, and noticed before they are moved.
  for (const lost of [dead, cut]) {
    expect(lost?.moves).toBeGreaterThanOrEqual(35);
    expect(lost?.moves).toBeLessThanOrEqual(70);
    expect(lost?.convergedMs).toBeGreaterThan(5000);
    expect(lost?.convergedMs).toBeLessThan(15_000);
  }
  expect([back?.moves, down?.moves]).toEqual([0, 0]);
});

test("cloud simulate: what cannot be placed is said", () => {
  const tight = cloud({ name: "tight", roles: { one: { run: image("one.ts"), count: 5, perHostMax: 1 } } });
  const { phases, obstacles } = simulateCloud(tight, { hosts: 3 });
  expect(phases[0]?.convergedMs).toBe(undefined);
  expect(obstacles).toEqual([
    "one: 3 of 5 VMs find no place: 2 of 2 hosts have perHostMax 1, short by 3 VMs or 768 MiB on hosts that fit",
  ]);
});
