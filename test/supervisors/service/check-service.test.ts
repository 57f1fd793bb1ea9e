import { describe, expect, test } from "vitest";
import { actor, unikernel } from "../../../kernel/index.ts";
import { checkService } from "../../../supervisors/service/check-service.ts";

const entry = unikernel({ name: "shop", root: actor({ init: () => ({}) }), memoryMb: 32 });

describe("check-service", () => {
  test("check-service: what is not said has its default", () => {
    const { program, label, min, max, waits, queueMax } = checkService({ entry, boot: { memoryMb: 64 } });
    expect({ program, label, min, max, waits, queueMax }).toEqual({
      program: { entry: "shop", options: { memoryMb: 64 } },
      label: "shop",
      min: 1,
      max: 1,
      waits: true,
      queueMax: 8192,
    });
  });

  test.each([
    [{ entry: "shop" }, "INVALID_SERVICE"],
    [{ entry, vms: 0 }, "INVALID_SERVICE"],
    [{ entry, vms: { min: 3, max: 2 } }, "INVALID_SERVICE"],
    [{ entry, vms: { min: 0.5, max: 2 } }, "INVALID_SERVICE"],
    [{ entry, balance: "random" }, "INVALID_SERVICE"],
    [{ entry, queueMax: -1 }, "INVALID_SERVICE"],
    [{ entry, whileDown: "hope" }, "INVALID_SERVICE"],
    [{ entry, vms: { min: 0, max: 1 }, whileDown: "fail" }, "INVALID_SERVICE"],
    [{ entry, health: { everyMs: 0 } }, "INVALID_SERVICE"],
    [{ entry, intensity: { restarts: -1, withinMs: 5000 } }, "INVALID_INTENSITY"],
    [{ entry, intensity: { restarts: 1, withinMs: 10 } }, "INVALID_PERIOD"],
    [{ entry, backoff: { firstMs: 10, maxMs: 1 } }, "INVALID_BACKOFF"],
    [{ entry, vmz: 3 }, "UNKNOWN_KEY"],
  ])("check-service: %j is %s", (given, code) => {
    expect(() => checkService(given)).toThrow(expect.objectContaining({ code }));
  });
});
