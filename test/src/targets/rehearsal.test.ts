import { expect, test, vi } from "vitest";
import { rehearse } from "../../../src/targets/rehearsal.ts";

test("rehearsal: a whole boot and a call, in one go, with no trace", () => {
  const print = Object.getOwnPropertyDescriptor(console, "log");
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setImmediate", "clearImmediate"] });
  try {
    expect(rehearse()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
  expect(Object.getOwnPropertyDescriptor(console, "log")).toEqual(print);
});
