import { describe, expect, test } from "vitest";
import { cloud, command, image, scaled } from "../../../src/cloud/cloud.ts";
import { asCloud } from "../../../src/cloud/cloud.ts";
import { unavailableMax } from "../../../src/cloud/check-role.ts";
import type { RoleOptions } from "../../../src/cloud/declaration.ts";

const run = image("mote.ts");
const refused = (make: () => unknown): string => {
  try {
    make();
  } catch (problem) {
    const { code, message } = problem as { code: string; message: string };
    return `${code}: ${message}`;
  }
  return "nothing was refused";
};
// Sound: as from a caller without types.
const role = (more: Record<string, unknown>): (() => unknown) => {
  const options = { run, count: 1, ...more } as RoleOptions<never>;
  return () => cloud({ name: "dust", roles: { mote: options } });
};

describe("cloud declaration", () => {
  test("has defaults, and is data", () => {
    const declared = cloud({
      name: "dust",
      roles: { mote: { run: image("mote.ts", { keys: { port: 1 } }), count: 3, targets: ["wasm"] } },
      budget: { vms: 3 },
    });
    expect(declared.roles[0]).toMatchObject({
      name: "mote",
      memoryMb: 256,
      cutOff: "hold",
      maxUnavailable: "10%",
    });
    expect(declared.budget.vms).toBe(3);
    expect(JSON.parse(JSON.stringify(declared))).toEqual(declared);
    expect(asCloud(declared, "x.ts")).toBe(declared);
  });

  test.each([
    [role({ count: -1 }), "CLOUD_OPTION: mote.count: expected a whole number from 0 to 2147483647, got -1."],
    [role({ cuont: 1 }), /^CLOUD_OPTION: mote: expected run, count, .*, got "cuont"\./],
    [role({ run: "mote.ts" }), /^CLOUD_OPTION: mote.run: expected image\(file\) or command/],
    [
      role({ targets: ["vax"] }),
      /^CLOUD_OPTION: mote.targets: expected some of isolate, process, wasm, wasm-packed, qemu, got "vax"/,
    ],
    [
      role({ run: command({ command: "tor" }), targets: ["wasm"] }),
      /^CLOUD_OPTION: mote.targets: expected isolate or process/,
    ],
    [role({ memoryMb: 0 }), /^CLOUD_OPTION: mote.memoryMb: /],
    [role({ apart: ["mote"] }), /^CLOUD_OPTION: mote.apart: expected other roles/],
    [role({ hosts: { regions: "eu" } }), /^CLOUD_OPTION: mote.hosts.regions: expected a list of texts/],
    [role({ spread: { over: "region", maxSkew: 0 } }), /^CLOUD_OPTION: mote.spread.maxSkew: /],
    [
      role({ restart: { firstMs: 500, maxMs: 100 } }),
      /^CLOUD_OPTION: mote.restart.maxMs: expected a whole number from 500/,
    ],
    [role({ update: { maxUnavailable: "0%" } }), /^CLOUD_OPTION: mote.update.maxUnavailable: /],
    [
      role({ update: { maxSurge: 1 } }),
      /^CLOUD_OPTION: mote.update: expected maxUnavailable, got "maxSurge"/,
    ],
    [
      role({ churn: { fraction: 2, everyMs: 1 } }),
      /^CLOUD_OPTION: mote.churn.fraction: expected above 0, up to 1, got 2/,
    ],
    [() => cloud({ name: "a b", roles: { a: { run, count: 1 } } }), /^CLOUD_OPTION: cloud.name: /],
    [() => cloud({ name: "a", roles: {} }), /^CLOUD_OPTION: cloud.roles: expected 1 to 64 roles, got 0/],
    [() => image(""), /^CLOUD_OPTION: image: expected the path of a program/],
    [() => command({ command: "x", cwd: "here" }), /^CLOUD_OPTION: command.cwd: expected an absolute path/],
    [() => asCloud({}, "cloud.ts"), /^CLOUD_OPTION: the default export of cloud.ts: expected a cloud/],
  ])("refuses what is wrong, and says where", (make, expected) => {
    expect(refused(make)).toMatch(expected);
  });

  test("a budget that is too small: says of what, and by how much", () => {
    const declare = (budget: object) => () =>
      cloud({ name: "a", roles: { a: { run, count: 10, memoryMb: 8 } }, budget });
    expect(refused(declare({ vms: 7 }))).toMatch(
      "CLOUD_BUDGET: the cloud needs 10 VMs, and its budget allows 7: 3 too many.",
    );
    expect(refused(declare({ memoryMb: 50 }))).toMatch(
      "needs 80 MiB, and its budget allows 50: 30 too many.",
    );
    const declared = declare({ vms: 12 })();
    expect(scaled(declared, "a", 12).roles[0]?.count).toBe(12);
    expect(refused(() => scaled(declared, "a", 13))).toMatch(/^CLOUD_BUDGET: /);
    expect(refused(() => scaled(declared, "b", 1))).toMatch('CLOUD_OPTION: role: expected a, got "b".');
  });

  test("how many may be away", () => {
    const of = (maxUnavailable: number | `${number}%`, count: number): number =>
      cloud({ name: "a", roles: { a: { run, count, update: { maxUnavailable } } } }).roles.map(
        unavailableMax,
      )[0] ?? 0;
    expect([of("10%", 5), of("10%", 50), of(3, 50), of("100%", 7)]).toEqual([1, 5, 3, 7]);
  });
});
