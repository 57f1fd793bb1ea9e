import * as fc from "fast-check";
import { describe, expect, onTestFinished, test } from "vitest";
import { isMotesError, limits } from "../../../kernel/index.ts";
import { Decoder, Encoder } from "../../../transports/wire/index.ts";
import {
  decodeFrame,
  encodeCall,
  encodeControl,
  encodeMessage,
  encodeReply,
  frame,
} from "../../../transports/wire/frame.ts";
import { learntTextMax, shapeKeysMax, tag } from "../../../transports/wire/tags.ts";
import { nodeText } from "../../../src/targets/node-text.ts";
import { Heard, TwoVms } from "./two-vms.ts";

const vms = new TwoVms(nodeText);
const decoder = (): Decoder => new TwoVms(nodeText, vms).decoder;

function decode(bytes: Uint8Array | readonly number[], by: Decoder = decoder()): unknown {
  const sink = new Heard();
  by.start(Uint8Array.from(bytes), bytes.length);
  decodeFrame(by, sink);
  return sink.last;
}

const corrupt = (what: string): unknown =>
  expect.objectContaining({ code: "FRAME_CORRUPT", message: expect.stringContaining(what) });

const reply = (...value: readonly number[]): number[] => [frame.reply, 1, 1, ...value];
const short = (text: string): number[] =>
  [tag.shortText + text.length, ...text].map((part) =>
    typeof part === "string" ? part.charCodeAt(0) : part,
  );
const long = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];

describe("hostile: frames made by hand", () => {
  const cases: readonly [name: string, bytes: readonly number[], what: string][] = [
    ["nothing", [], "an early end"],
    ["an unknown kind", [99], "a frame of kind 99"],
    ["bytes left over", reply(1, 2), "bytes left over"],
    [
      "an endless number",
      [frame.reply, ...Array.from({ length: 20 }, () => 0xff)],
      "a number without an end",
    ],
    [
      "a number past 2^53",
      [frame.reply, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
      "a number too large",
    ],
    ["an unknown tag", reply(0xff), "an unknown tag"],
    ["a hole outside an array", reply(tag.hole), "an unknown tag"],
    ["a shape never taught", reply(tag.shaped, 0, 0), "a shape 0 that was not taught"],
    ["half a shape's id", reply(tag.shaped, 0), "a length past the end"],
    ["a name never taught", [frame.call, 1, 1, 1, 5, tag.array, 0], "a name that was not taught"],
    [
      "a name that is no string",
      [frame.call, 1, 1, 1, 0, 5, tag.array, 0],
      "something else where a string belongs",
    ],
    ["arguments that are no list", [frame.call, 1, 1, 1, 0, ...short("op"), 5], "arguments"],
    ["a text longer than the frame", reply(tag.latin1, ...long), "a length past the end"],
    ["a wide text longer than the frame", reply(tag.utf16, 2, 0, 0), "a length past the end"],
    ["a list longer than the frame", reply(tag.array, ...long), "a length past the end"],
    ["a dictionary longer than the frame", reply(tag.object, ...long), "a length past the end"],
    ["a map longer than the frame", reply(tag.map, ...long), "a length past the end"],
    ["a set longer than the frame", reply(tag.set, ...long), "a length past the end"],
    ["bytes longer than the frame", reply(tag.arrayBuffer, ...long), "a length past the end"],
    ["a view of no kind", reply(tag.view, 99, 0), "a view of bytes"],
    ["a view that does not come out even", reply(tag.view, 3, 1, 0), "a view of bytes"],
    ["a date that is no number", reply(tag.date, tag.null), "something else where a number belongs"],
    ["a bigint that is none", reply(tag.bigint, ...short("0x1")), "a bigint"],
    ["an empty bigint", reply(tag.bigint, ...short("-")), "a bigint"],
    ["a pattern that is none", reply(tag.regexp, ...short("("), ...short("")), "a regular expression"],
    ["flags that are none", reply(tag.regexp, ...short("a"), ...short("zz")), "a regular expression"],
    ["a shape of too many keys", reply(tag.newShape, shapeKeysMax + 1), "too large a shape"],
    [
      "a shape with a key twice",
      reply(tag.newShape, 2, ...short("a"), ...short("a"), tag.undefined, 1, 1),
      "a key twice",
    ],
    [
      "a shape with a long key",
      reply(
        tag.newShape,
        1,
        tag.latin1,
        learntTextMax + 1,
        ...Array.from({ length: learntTextMax + 1 }, () => 97),
        tag.undefined,
        1,
      ),
      "too long",
    ],
    [
      "a shape with __proto__",
      reply(tag.newShape, 1, ...short("__proto__"), tag.undefined, tag.newShape, 0),
      "the key __proto__",
    ],
    [
      "a dictionary with __proto__",
      reply(tag.object, 1, ...short("__proto__"), tag.newShape, 0, tag.undefined),
      "the key __proto__",
    ],
    [
      "a shape's type without the key",
      reply(tag.newShape, 1, ...short("a"), ...short("t"), 1),
      "a shape's type",
    ],
    [
      "a shape's type that is no string",
      reply(tag.newShape, 1, ...short("type"), 5),
      "something else where a string belongs",
    ],
    ["a message that is no object", [frame.message, 1, 5], "a message without a type"],
    [
      "a message without a type",
      [frame.message, 1, tag.newShape, 0, tag.undefined],
      "a message without a type",
    ],
    [
      "a call dressed up as a message",
      [frame.message, 1, tag.newShape, 1, ...short("type"), ...short("$call")],
      "a message without a type",
    ],
    [
      "the same in a dictionary",
      [frame.message, 1, tag.object, 1, ...short("type"), ...short("$cast")],
      "a message without a type",
    ],
    ["an answer neither good nor bad", [frame.reply, 1, 2, 1], "an answer"],
    ["a failure that is none", [frame.reply, 1, 0, tag.null], "an answer"],
    [
      "a failure without a reason",
      [frame.reply, 1, 0, tag.object, 2, ...short("type"), ...short("exit"), ...short("reason"), tag.null],
      "an answer",
    ],
    [
      "a control signal of no kind",
      [frame.control, 99, 1, 1, 1, tag.undefined],
      "a control signal of kind 99",
    ],
    ["a reason that is none", [frame.control, 1, 1, 1, 1, tag.null], "an exit reason"],
    [
      "a crash without a name",
      [frame.control, 1, 1, 1, 1, tag.object, 1, ...short("type"), ...short("crash")],
      "an exit reason",
    ],
  ];
  for (const [name, bytes, what] of cases) {
    test(`hostile: ${name}`, () => {
      expect(() => decode(bytes)).toThrow(corrupt(what));
    });
  }

  test("hostile: another version of the protocol", () => {
    expect(() => decode([frame.hello, 2])).toThrow(
      expect.objectContaining({ code: "PROTOCOL_MISMATCH", details: { expected: 1, got: 2 } }),
    );
  });

  test("hostile: no object of the receiver changes", () => {
    for (const key of ["constructor", "prototype", "toString", "hasOwnProperty"]) {
      const got = decode(reply(tag.object, 1, ...short(key), 5)) as object;
      expect(Object.hasOwn(got, key)).toBe(true);
      expect(Object.getPrototypeOf(got)).toBe(Object.prototype);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});

describe("hostile: bombs", () => {
  const whole = (head: readonly number[], part: readonly number[], count: number): Uint8Array => {
    const bytes = new Uint8Array(head.length + part.length * count);
    bytes.set(head);
    for (let i = 0; i < count; i++) bytes.set(part, head.length + i * part.length);
    return bytes;
  };
  /** `count` in three bytes. */
  const three = (count: number): number[] => [
    (count & 0x7f) | 0x80,
    ((count >> 7) & 0x7f) | 0x80,
    (count >> 14) & 0x7f,
  ];

  test("hostile: nesting ends at its bound, whatever it is made of", () => {
    const levels: readonly (readonly number[])[] = [
      [tag.array, 1],
      [tag.set, 1],
      [tag.map, 1],
      [tag.object, 1, ...short("a")],
      [tag.newShape, 1, ...short("a"), tag.undefined],
      [tag.error, ...short(""), ...short(""), 0, 0],
    ];
    for (const level of levels)
      expect(() => decode(whole([frame.reply, 1, 1], level, 100_000))).toThrow(corrupt("too deep a nesting"));
  });

  test("hostile: objects end at their bound, whatever they are", () => {
    const count = 600_000;
    for (const object of [
      [tag.map, 0],
      [tag.set, 0],
      [tag.array, 0],
      [tag.object, 0],
      [tag.refToSender, 1],
      [tag.refToReceiver, 1],
      [tag.arrayBuffer, 0],
      [tag.date, 0],
    ])
      expect(() => decode(whole(reply(tag.array, ...three(count)), object, count))).toThrow(
        corrupt("too many objects"),
      );
  });

  test("hostile: large numbers and texts take time in proportion", () => {
    const digits = 4 * 1024 * 1024;
    const before = process.cpuUsage();
    const length = [
      (digits & 0x7f) | 0x80,
      ((digits >> 7) & 0x7f) | 0x80,
      ((digits >> 14) & 0x7f) | 0x80,
      digits >> 21,
    ];
    expect(typeof decode(whole(reply(tag.bigint, tag.latin1, ...length), [0x66], digits))).toBe("bigint");
    expect(decode(whole(reply(tag.utf16, ...length), [0x66, 0x66], digits))).toHaveLength(digits);
    const pattern = whole(reply(tag.regexp, tag.latin1, ...length), [0x28], digits + 1);
    pattern[pattern.length - 1] = tag.shortText;
    expect(() => decode(pattern)).toThrow(corrupt("a regular expression too long"));
    // Generous: what is not linear takes minutes. Of the processor's time, since a machine may have other things to do.
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(5000);
  });

  test("hostile: what a peer teaches is bounded", () => {
    const by = decoder();
    for (let i = 0; i < limits.shapesPerCarrier; i++)
      decode(reply(tag.newShape, 1, ...short(`k${i}`), tag.undefined, 1), by);
    expect(() => decode(reply(tag.newShape, 1, ...short("more"), tag.undefined, 1), by)).toThrow(
      corrupt("too many"),
    );
  });
});

describe("hostile: frames at random", () => {
  /** What a real conversation looks like, as bytes. */
  function conversation(): Uint8Array[] {
    const encoder = new Encoder(vms.one.home, vms.one.peers.home("", 2), nodeText);
    const frames: Uint8Array[] = [];
    const keep = (): void => void frames.push(encoder.bytes.slice(0, encoder.at));
    const values: unknown[] = [
      { type: "put", key: "k", value: [1, 2.5, -1, 1e9, null, undefined, true, "日本", "x".repeat(100)] },
      { type: "rich", map: new Map([[1, new Set(["a"])]]), at: new Date(5), big: -5n, re: /a+/g },
      {
        type: "bytes",
        view: new Float64Array([1, 2]),
        buffer: Uint8Array.of(1, 2, 3).buffer,
        refs: [vms.ref(1, 2), vms.ref(2, 3), vms.ref(3, 4, "h")],
      },
      {
        type: "error",
        error: Object.assign(new Error("e", { cause: "c" }), { code: "C", details: { a: [{ b: 1 }] } }),
      },
      { type: "dictionary", all: Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, i])) },
    ];
    for (const value of [...values, ...values]) {
      encodeMessage(encoder, 5, value as { type: string });
      keep();
      encodeCall(encoder, 5, 6, 7, "put", [value]);
      keep();
      encodeReply(encoder, 7, true, value);
      keep();
      encodeControl(encoder, 1, 5, 6, 7, { type: "shutdown", detail: value });
      keep();
    }
    return frames;
  }

  /** Decodes on until the first refusal, as a link does. */
  function feed(by: Decoder, sink: Heard, bytes: Uint8Array): boolean {
    try {
      by.start(bytes, bytes.length);
      decodeFrame(by, sink);
      return true;
    } catch (problem) {
      if (isMotesError(problem, "FRAME_CORRUPT") || isMotesError(problem, "PROTOCOL_MISMATCH")) return false;
      throw problem;
    }
  }

  const seed = 20_260_801;

  test("hostile: 300,000 frames changed, cut short or made up are delivered or refused, and nothing else", () => {
    // Making the stack of each refusal would be most of the time.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    onTestFinished(() => {
      Error.stackTraceLimit = stackTraceLimit;
    });
    const frames = conversation();
    const sink = new Heard();
    let by = decoder();
    let refused = 0;
    // A small generator of our own: the property library would take minutes for so many. xorshift32.
    let state = seed;
    const next = (below: number): number => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) % below;
    };
    for (let i = 0; i < 300_000; i++) {
      const bytes = (frames[next(frames.length)] as Uint8Array).slice();
      const kind = next(4);
      let length = bytes.length;
      if (kind === 0) length = next(length + 1);
      else if (kind === 1) for (let n = next(40); n >= 0; n--) bytes[next(length)] = next(256);
      else for (let n = next(3); n >= 0; n--) bytes[next(length)] = kind === 2 ? 0xc0 + next(32) : next(256);
      if (!feed(by, sink, bytes.subarray(0, length))) refused++;
      // Nearly always the dictionaries are those of the conversation; now and then those that the fuzz has taught.
      if (i % 500 !== 499) continue;
      by = decoder();
      for (const each of frames) feed(by, sink, each);
    }
    expect(refused).toBeGreaterThan(100_000);
    expect(sink.count).toBeGreaterThan(10_000);
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(Object.keys(Array.prototype)).toEqual([]);
  });

  test("hostile: bytes at random", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.uint8Array({ maxLength: 60 }), (kind, rest) => {
        feed(decoder(), new Heard(), Uint8Array.of(kind, ...rest));
      }),
      { numRuns: 3000 },
    );
  });
});
