import { describe, expect, test } from "vitest";
import type { DuplexReport } from "./fixtures/duplex-peer.ts";
import { runDuplex } from "./fixtures/duplex.ts";

function expectComplete([a, b]: [DuplexReport, DuplexReport], messages: number): void {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    expect(from.sent).toBe(messages);
    expect(to.received).toBe(messages);
    expect(to.receivedChecksum).toBe(from.sentChecksum);
  }
}

describe("ring between two threads", () => {
  test("ring: a tiny ring that is full or empty all the time loses no wake-up", async () => {
    const messages = 100_000;
    const run = { capacityBytes: 256, messages, bodyBytesMax: 64, batch: 64, window: messages, spins: 0 };
    const reports = await runDuplex(run);
    expectComplete(reports, messages);
    for (const { sleeps, wakes } of reports) {
      expect(sleeps).toBeGreaterThan(0);
      expect(wakes).toBeLessThan(messages);
    }
  });

  test("ring: one message at a time, both sides asleep in between, loses no wake-up", async () => {
    const messages = 20_000;
    const run = { capacityBytes: 1024, messages, bodyBytesMax: 64, batch: 1, window: 1, spins: 0 };
    expectComplete(await runDuplex(run), messages);
  });

  test("ring: spinning sides that sometimes sleep lose no wake-up", async () => {
    const messages = 200_000;
    const run = { capacityBytes: 4096, messages, bodyBytesMax: 1024, batch: 7, window: 20, spins: 40 };
    expectComplete(await runDuplex(run), messages);
  });

  // Ten million in CI.
  const messages = process.env["MOTES_REQUIRE"] === "all" ? 10_000_000 : 2_500_000;
  test(`soak: ${messages} messages each way arrive whole and in order, and memory stays flat`, async () => {
    const run = {
      capacityBytes: 64 * 1024,
      messages,
      bodyBytesMax: 200,
      batch: 256,
      window: messages,
      spins: 1000,
    };
    const reports = await runDuplex(run);
    expectComplete(reports, messages);
    // A fifth of a byte for each message would be more.
    for (const { heapGrowthBytes } of reports) expect(heapGrowthBytes).toBeLessThan(512 * 1024);
  }, 120_000);
});
