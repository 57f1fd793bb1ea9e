import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { DownMessage, ExitMessage, isMotesError, MotesError, limits, refTo } from "../../../kernel/index.ts";
import { portableText } from "../../../transports/wire/index.ts";
import { nodeText } from "../../../src/targets/node-text.ts";
import { told, TwoVms } from "./two-vms.ts";
import { values } from "./values.ts";

/** Taught, learnt, and often enough to be compiled. */
const times = 18;

describe("codec: examples", () => {
  const vms = new TwoVms();
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, i]));
  const shared = { n: 1 };
  const examples: Readonly<Record<string, unknown>> = {
    "small and large integers": [0, 1, 127, 128, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, 2 ** 53],
    "zeros and what is no number": [0, -0, Number.NaN, Infinity, -Infinity, 0.1],
    "undefined values": { a: undefined, b: null },
    strings: [
      "",
      "a",
      "ÿ",
      "Ā",
      "日本",
      "\ud800",
      "a\udc00b",
      "x".repeat(24),
      "x".repeat(25),
      "x".repeat(63),
    ],
    "long strings": ["x".repeat(64), "ÿ".repeat(5000), "日".repeat(5000), `${"x".repeat(5000)}\ud800`],
    "an array with holes": [, 1, , undefined, ,], // oxlint-disable-line no-sparse-arrays
    "integer keys, which come first": { b: 1, 2: 2, a: 3, 1: 4 },
    "odd keys": { "": 1, "a b": 2, '"': 3, constructor: 4, toString: 5, "\u2028": 6, "\ud800": 7 },
    "more keys than a shape has": many,
    "a long key": { ["k".repeat(64)]: 1 },
    "types of all kinds": [
      { type: "a" },
      { type: 1, a: 2 },
      { type: "x".repeat(64) },
      { type: "日".repeat(20) },
      { type: "" },
    ],
    "the same object twice": [shared, shared],
    bigints: [0n, -1n, 2n ** 200n, -(2n ** 64n)],
    dates: [new Date(0), new Date(Number.NaN), new Date(1e15)],
    regexps: [/a/gi, /[/]\//u, new RegExp("")],
    maps: new Map<unknown, unknown>([
      [1, new Map([["a", new Set([1, {}])]])],
      [{ k: 1 }, undefined],
    ]),
    bytes: [
      Uint8Array.of(1, 2),
      Buffer.from("ab"),
      new Uint16Array([1, 65535]),
      new BigInt64Array([-1n]),
      Uint8Array.of(5).buffer,
    ],
    errors: [
      new RangeError("r"),
      Object.assign(new Error("e", { cause: new Error("c") }), { code: "E", details: { a: 1 } }),
    ],
    refs: [vms.ref(1, 5), vms.ref(2, 5), vms.ref(3, 5), vms.ref(1, 2 ** 50, "far")],
  };
  for (const [name, value] of Object.entries(examples)) {
    test(`codec: ${name} come through, taught, learnt and compiled`, () => {
      for (let i = 0; i < times; i++) expect(told(vms.send(value))).toBe(told(value));
    });
  }

  test("codec: a key and a type of the same name are told apart", () => {
    const pair = new TwoVms();
    const all = [
      { type: "x" },
      { type: 5, x: 1 },
      { type: "x", x: 1 },
      { type: 5 },
      { type: "", a: 1 },
      { type: 0, "": 1, a: 1 },
    ];
    for (let i = 0; i < 20; i++) for (const value of all) expect(told(pair.send(value))).toBe(told(value));
  });

  test("codec: a null prototype, a subclass of bytes and an error's class do not travel", () => {
    const pair = new TwoVms();
    expect(Object.getPrototypeOf(pair.send(Object.create(null)))).toBe(Object.prototype);
    expect(pair.send(Buffer.from("a"))?.constructor).toBe(Uint8Array);
    const error = pair.send(new RangeError("r"));
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(RangeError);
    expect((error as Error).name).toBe("RangeError");
  });

  test("codec: an error of ours is one on the other side", () => {
    const got = new TwoVms().send(new MotesError("X", "text", { a: 1 }, "cause"));
    expect(isMotesError(got, "X")).toBe(true);
    expect(got).toMatchObject({ details: { a: 1 }, cause: "cause", message: "text" });
  });

  test("codec: what an error carries and cannot be copied is left behind, and teaches nothing", () => {
    const pair = new TwoVms();
    const details = { deep: { seen: 1, callback: () => 1 } };
    const got = pair.send([Object.assign(new Error("e"), { details }), { other: 2 }]) as [object, unknown];
    expect(got[0]).not.toHaveProperty("details");
    expect(got[1]).toEqual({ other: 2 });
    expect(pair.send([{ deep: { seen: 1 } }, { other: 3 }])).toEqual([{ deep: { seen: 1 } }, { other: 3 }]);
  });

  test("codec: an exit or down that is passed on comes as a plain message, which no kernel takes for its own", () => {
    const pair = new TwoVms();
    const down = pair.send({ type: "died", what: new DownMessage(3, refTo(pair.ref(2, 7)), "boom") });
    expect(down).toMatchObject({ type: "died", what: { type: "down", monitor: 3, reason: "boom" } });
    expect((down as { readonly what: object }).what).not.toBeInstanceOf(DownMessage);
    const exit = pair.send(new ExitMessage(refTo(pair.ref(1, 4)), "normal"));
    expect(exit).toMatchObject({ type: "exit", reason: "normal", from: { serial: 4 } });
    expect(Object.getPrototypeOf(exit)).toBe(Object.prototype);
  });

  test("codec: an error with strange parts comes through as text", () => {
    const error = Object.assign(new Error("e"), { message: 5, name: Symbol("s"), stack: {} });
    expect(new TwoVms().send(error)).toMatchObject({ message: "5", name: "Symbol(s)" });
  });

  test("codec: addresses of the receiver's VM are its own objects", () => {
    const pair = new TwoVms();
    expect(pair.send(pair.ref(2, 7))).toMatchObject({ home: pair.two.home, serial: 7 });
  });

  test("codec: a message may nest as deep as it may, and no deeper", () => {
    const pair = new TwoVms();
    let value: unknown = 1;
    for (let i = 0; i < limits.messageDepthMax; i++) value = i % 2 === 0 ? [value] : { value };
    expect(told(pair.send(value))).toBe(told(value));
    expect(() => pair.send([value])).toThrow(expect.objectContaining({ code: "MESSAGE_TOO_DEEP" }));
  });
});

describe("codec: properties", () => {
  for (const [name, codec] of Object.entries({ portable: portableText, node: nodeText })) {
    test(`codec: every value comes through alike when taught, learnt and compiled (${name} text)`, () => {
      const vms = new TwoVms();
      fc.assert(
        fc.property(fc.array(values(vms), { minLength: 1, maxLength: 3 }), (all) => {
          const pair = new TwoVms(codec, vms);
          const words = all.map(told);
          for (let i = 0; i < times; i++) {
            const got = all.map((value) => pair.send(value));
            // Learnt from the second time on, compiled from the 16th.
            if (i < 2 || i > 15) expect(got.map(told)).toEqual(words);
          }
        }),
        { numRuns: 40 },
      );
    });
  }

  test("codec: one pair of dictionaries serves any number of values, also when it is full", () => {
    const vms = new TwoVms(nodeText);
    fc.assert(
      fc.property(values(vms), (value) => {
        expect(told(vms.send(value))).toBe(told(value));
      }),
      { numRuns: 500 },
    );
  });

  test("codec: where code may not be made from strings, values come through alike", async () => {
    const real = globalThis.Function;
    let asked = 0;
    const forbidden = function forbidden(): never {
      asked++;
      throw new EvalError("Code generation from strings disallowed for this context");
    };
    try {
      Reflect.set(globalThis, "Function", forbidden);
      // It is taken when the module is loaded.
      vi.resetModules();
      const fresh = await import("./two-vms.ts");
      const pair = new fresh.TwoVms();
      const value = { type: "a", b: { c: 1, "": [2] }, 5: 6 };
      for (let i = 0; i < 40; i++) expect(told(pair.send(value))).toBe(told(value));
    } finally {
      Reflect.set(globalThis, "Function", real);
    }
    // Once a shape, and never again.
    expect(asked).toBe(2);
  });
});
