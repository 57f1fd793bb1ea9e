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

  test("stock: the end of it is the end of what is being made", async () => {
    let end = (): void => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const close = async (): Promise<void> => end();
    const blank: Blank = { ready: new Promise(() => {}), ended, load: () => {}, close };
    const stock = new Stock(
      () => blank,
      () => {},
    );
    const added = stock.add();
    expect([stock.count, stock.held]).toEqual([0, 1]);
    await stock.close();
    await ended;
    await added;
    expect([stock.held, stock.take(), vi.getTimerCount()]).toEqual([0, undefined, 0]);
  });
});
