import { describe, expect, test } from "vitest";
import { simulate } from "../../src/testing/index.ts";
import { serviceApp } from "./apps/service.ts";

const crashes = ({ reason }: { readonly reason: unknown }): boolean =>
  !(typeof reason === "object" && reason !== null && "name" in reason && reason.name === "Disorder");

describe("service", () => {
  test("service: what is sent to it arrives, once and in order", async () => {
    await simulate(serviceApp, {
      untilMs: 20_000,
      crashes,
      atEnd: {
        all: (sim) => {
          const [root] = sim.vm("ledger")?.actors ?? [];
          const { last } = (root?.state ?? {}) as { readonly last: Map<string, number> };
          expect([...last.values()]).toEqual([200, 200, 200, 200]);
        },
      },
    });
  });

  test("service: a VM behind it that dies is booted again, and what waits meanwhile is not lost", async () => {
    for (let seed = 1; seed <= 20; seed++) {
      await simulate(serviceApp, {
        seed,
        untilMs: 10_000,
        crashes,
        faults: { kill: { everyMs: 300, vms: ({ entry }) => entry === "ledger" } },
      });
    }
    expect(1).toBe(1);
  });
});
