import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Stock } from "../../../src/host/stock.ts";
import type { Blank } from "../../../src/targets/target.ts";

describe("stock", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  test("stock: a blank that never gets ready is closed in the end", async () => {
    let closed = 0;
    const never = new Promise<void>(() => {});
    const close = async (): Promise<void> => {
      closed++;
    };
    const blank: Blank = { ready: never, ended: never, load: () => {}, close };
    const stock = new Stock(
      () => blank,
      () => {},
    );
    const added = stock.add();
    const failed = expect(added).rejects.toThrow("not ready within 10000 ms");
    await vi.advanceTimersByTimeAsync(10_000);
    await failed;
    expect([closed, stock.count, vi.getTimerCount()]).toEqual([1, 0, 0]);
  });

  test("stock: one that gets ready after the end is closed", async () => {
    let become = (): void => {};
    const ready = new Promise<void>((resolve) => {
      become = resolve;
    });
    let closed = 0;
    const close = async (): Promise<void> => {
      closed++;
    };
    const blank: Blank = { ready, ended: new Promise(() => {}), load: () => {}, close };
    const stock = new Stock(
      () => blank,
      () => {},
    );
    const added = stock.add();
    await stock.close();
    become();
    await added;
    expect([closed, stock.count, stock.take()]).toEqual([1, 0, undefined]);
  });
});
