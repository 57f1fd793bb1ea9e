import { describe, expect, test } from "vitest";
import { actor, key, unikernel, type Device } from "../../kernel/index.ts";

describe("key: outside an image", () => {
  test("is its default", () => {
    expect([key.number(8080), key.string(""), key.boolean(false, "says more")]).toEqual([8080, "", false]);
  });

  test("without a default throws, and says which", () => {
    expect(() => key.number(undefined, "where it listens")).toThrow(/key\.number\(\) \(where it listens\)/);
  });
});

describe("device", () => {
  test("one that does not exist is refused when it is declared", () => {
    const root = actor({ init: () => 0 });
    // Sound: what a program without types could write.
    const devices = ["moon"] as readonly string[] as readonly Device[];
    expect(() => unikernel({ root, devices })).toThrow(/expected listen, connect, .*, got "moon"/);
  });
});
