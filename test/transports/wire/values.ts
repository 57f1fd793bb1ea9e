/** Arbitrary values that may be copied between VMs. */
import * as fc from "fast-check";
import type { TwoVms } from "./two-vms.ts";

const text = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  // Lone surrogates too.
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 })
    .map((units) => String.fromCharCode(...units)),
  fc.constantFrom("ä".repeat(70), "x".repeat(63), "x".repeat(64), "日".repeat(64), "x".repeat(300)),
);

const key = fc.oneof(
  fc.constantFrom(
    "",
    "type",
    "a",
    "b",
    "0",
    "1",
    "10",
    "-1",
    "constructor",
    "toString",
    "length",
    "x y",
    "\u2028",
    "\ud800",
  ),
  fc.string({ maxLength: 70 }).filter((name) => name !== "__proto__"),
);

const numbers = fc.oneof(
  fc.integer(),
  fc.double(),
  fc.constantFrom(-0, 0, 127, 128, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 53, Number.MIN_VALUE),
);

const bytes = fc.uint8Array({ maxLength: 40 });

function views(): fc.Arbitrary<unknown> {
  return fc.oneof(
    bytes,
    bytes.map((some) => Buffer.from(some)),
    // Not at the start of its buffer.
    bytes.map((some) => Uint8Array.of(9, ...some, 9).subarray(1, some.length + 1)),
    bytes.map((some) => some.slice().buffer),
    fc.float32Array({ maxLength: 5 }),
    fc.float64Array({ maxLength: 5 }),
    fc.int16Array({ maxLength: 5 }),
    fc.bigInt64Array({ maxLength: 5 }),
    fc.uint8ClampedArray({ maxLength: 5 }),
  );
}

function errorOf([name, message, code, more]: [string, string, unknown, unknown]): Error {
  const error = name === "TypeError" ? new TypeError(message) : new Error(message, { cause: more });
  if (name !== "TypeError") error.name = name;
  if (code !== undefined) Object.assign(error, { code, details: more });
  return error;
}

export function values(vms: TwoVms): fc.Arbitrary<unknown> {
  const refs = fc
    .tuple(
      fc.constantFrom(1, 2, 3),
      fc.integer({ min: 1, max: 2 ** 50 }),
      fc.constantFrom("", "elsewhere", "ü"),
    )
    .map(([vm, serial, host]) => vms.ref(vm, serial, host));
  const leaf = fc.oneof(
    { arbitrary: numbers, weight: 4 },
    { arbitrary: text, weight: 4 },
    fc.constantFrom(null, undefined, true, false),
    fc.bigInt(),
    fc.date({ noInvalidDate: false }),
    fc.constantFrom(/a/, /[/\]]\/(?<x>y)/giu, new RegExp("")),
    refs,
    views(),
  );
  const { value } = fc.letrec<{ value: unknown }>((tie) => {
    const part = tie("value");
    const entries = fc.array(fc.tuple(key, part), { maxLength: 6 });
    return {
      value: fc.oneof(
        { maxDepth: 4, depthSize: "small", withCrossShrink: true },
        leaf,
        fc.array(part, { maxLength: 6 }),
        fc.sparseArray(part, { maxLength: 8, maxNumElements: 4 }),
        entries.map((all) => Object.fromEntries(all)),
        entries.map((all) => Object.assign(Object.create(null) as object, Object.fromEntries(all))),
        fc.array(fc.tuple(key, part), { minLength: 30, maxLength: 36 }).map((all) => Object.fromEntries(all)),
        fc.tuple(fc.oneof(text, numbers), part).map(([type, payload]) => ({ type, payload, again: payload })),
        fc.array(fc.tuple(part, part), { maxLength: 4 }).map((all) => new Map(all)),
        fc.array(part, { maxLength: 4 }).map((all) => new Set(all)),
        fc
          .tuple(
            fc.constantFrom("Error", "TypeError", "MotesError"),
            text,
            fc.constantFrom("E_X", 5, undefined),
            part,
          )
          .map(errorOf),
      ),
    };
  });
  return value;
}
