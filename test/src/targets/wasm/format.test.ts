/** Console lines of a VM in WebAssembly: as close to Node's as a person needs. */
import { format as nodes } from "node:util";
import { describe, expect, test } from "vitest";
import { format } from "../../../../src/targets/wasm/format.ts";

describe("wasm format", () => {
  test.each<[readonly unknown[]]>([
    [["plain"]],
    [["said: %s", "hello"]],
    [["%d of %i", 2.5, 7.9]],
    [["100%% of %s", "it"]],
    [["too few %s %s", "one"]],
    [["too many", "one", 2, null, undefined, true]],
    [[1, "two"]],
    [[]],
    [[7n]],
    [["%j", { a: 1 }]],
  ])("example %# reads as in Node", (parts) => {
    expect(format(...parts)).toBe(nodes(...parts));
  });

  test("objects are told as data, errors with their stack, and a circle is no failure", () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    expect(format({ a: [1, 2n], m: new Map([["k", new Set([1])]]) })).toBe(
      '{"a":[1,"2n"],"m":{"map":[["k",{"set":[1]}]]}}',
    );
    expect(format(new TypeError("wrong"))).toContain("TypeError: wrong");
    expect(format(circle)).toBe("[an object that refers to itself]");
  });
});
