import fc from "fast-check";
import { expect, test } from "vitest";
import { leaseTimes } from "../../../src/cluster/lease-times.ts";

test("lease times: clocks that are wrong by almost a tenth keep a holder and its successor apart", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 3_600_000 }),
      fc.double({ min: 0, max: 0.0999, noNaN: true }),
      (ttlMs, drift) => {
        const { actMs, freeMs } = leaseTimes(ttlMs);
        // A holder whose clock is slow, a candidate whose clock is fast.
        expect(actMs / (1 - drift)).toBeLessThan(freeMs / (1 + drift));
      },
    ),
  );
});

test("lease times: a holder has three tries, each with its time to be answered, before its own deadline", () => {
  const { actMs, renewMs, askMs, retryMs } = leaseTimes(1000);
  expect(renewMs + 2 * (askMs + retryMs) + askMs).toBeLessThanOrEqual(actMs);
});
