import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { limits } from "../../../kernel/index.ts";
import { encodeCall } from "../../../transports/wire/frame.ts";
import { told, TwoVms } from "./two-vms.ts";

const notCopyable = (): number => 1;

describe("dictionary: sender and receiver stay in step", () => {
  test("dictionary: after a refusal at every depth", () => {
    const pair = new TwoVms();
    for (let depth = 0; depth < 20; depth++) {
      let value: unknown = notCopyable;
      for (let i = 0; i < depth; i++) value = { [`d${depth}k${i}`]: { type: `t${i}`, ok: 1 }, value };
      expect(() => pair.send([{ first: depth }, value])).toThrow(
        expect.objectContaining({ code: "MESSAGE_NOT_COPYABLE" }),
      );
      const good = Array.from({ length: depth }, (_, i) => ({
        [`d${depth}k${i}`]: { type: `t${i}`, ok: 2 },
        value: i,
      }));
      expect(told(pair.send([good, { first: 0 }]))).toBe(told([good, { first: 0 }]));
    }
  });

  test("dictionary: after a refusal for size", () => {
    const pair = new TwoVms();
    expect(() => pair.send([{ a: 1 }, { b: "x".repeat(limits.messageBytesMax) }])).toThrow(
      expect.objectContaining({ code: "MESSAGE_TOO_LARGE" }),
    );
    expect(pair.send([{ b: 1 }, { a: 2 }])).toEqual([{ b: 1 }, { a: 2 }]);
  });

  test("dictionary: with more shapes than are taught, and more steps than are kept", () => {
    const pair = new TwoVms();
    const early = { type: "early", a: 1, b: { c: 2 } };
    expect(pair.send(early)).toEqual(early);
    for (let i = 0; i < limits.shapesPerCarrier * 10; i++) {
      const value = { type: `t${i % 3000}`, [`key${i}`]: i, other: { [`k${i}`]: i } };
      expect(pair.send(value)).toEqual(value);
    }
    expect(pair.send(early)).toEqual(early);
    expect(pair.send({ late: [early] })).toEqual({ late: [early] });
    // Learnt ones are still short: kind, id, ok, tag, shape, a, tag, shape, c.
    pair.send(early);
    expect(pair.encoder.at).toBe(11);
  });

  test("dictionary: with more operations than are taught, and long ones", () => {
    const pair = new TwoVms();
    for (let i = 0; i < limits.shapesPerCarrier + 100; i++) {
      const op = i % 3 === 0 ? `${"long".repeat(20)}${i}` : `op${i}`;
      for (const name of [op, "op1", op]) {
        encodeCall(pair.encoder, 1, 1, 1, name, [name]);
        expect(pair.receive()).toEqual([name]);
      }
    }
  });

  test("dictionary: any sequence of good and refused messages", () => {
    const keys = fc.constantFrom("type", "a", "b", "c", "x");
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(1, "a", "b", "x", notCopyable),
        fc.dictionary(keys, tie("value"), { maxKeys: 4, noNullPrototype: true }),
        fc.array(tie("value"), { maxLength: 3 }),
        tie("value").map((details) => Object.assign(new Error("e"), { details, stack: "s" })),
      ),
    }));
    const step = fc.tuple(fc.constantFrom("put", "get", "x", "y"), value);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const pair = new TwoVms();
        for (const [op, args] of steps) {
          try {
            encodeCall(pair.encoder, 1, 1, 1, op, [args]);
          } catch {
            continue;
          }
          const got = told(pair.receive());
          if (!got.includes("Error")) expect(got).toBe(told([args]));
        }
      }),
      { numRuns: 400 },
    );
  });
});
