import { describe, expect, test } from "vitest";
import { CastMessage, control, limits, type ExitReason, type Message } from "../../../kernel/index.ts";
import { encodeCall, encodeControl, encodeMessage, encodeReply } from "../../../transports/wire/frame.ts";
import { TwoVms } from "./two-vms.ts";

const refused = (path: string, what: string): unknown =>
  expect.objectContaining({ code: "MESSAGE_NOT_COPYABLE", details: { path, what } });
const coded = (code: string): unknown => expect.objectContaining({ code });

class Socket {
  open = true;
}

/** What is not a message to the types, as a program without them may send it. */
const wrong = (value: unknown): Message => value as Message;

describe("refusal: the place is named", () => {
  const callback = (): void => {};
  const cases: readonly [name: string, value: unknown, path: string, what: string][] = [
    [
      "a function in a list",
      [1, { items: [0, 1, 2, { callback }] }],
      "[1].items[3].callback",
      "the function callback",
    ],
    ["a nameless function", [() => 1], "[0]", "a function"],
    ["a symbol", { s: Symbol("s") }, ".s", "a symbol"],
    ["an instance of a class", { a: { socket: new Socket() } }, ".a.socket", "an instance of Socket"],
    ["a promise", { p: Promise.resolve() }, ".p", "an instance of Promise"],
    ["a boxed number", { n: Object(1) as unknown }, ".n", "an instance of Number"],
    ["the value of a map", new Map([["k", callback]]), ".get(k)", "the function callback"],
    ["the key of a map", new Map([[callback, 1]]), ".keys()", "the function callback"],
    ["a member of a set", new Set([new WeakSet()]), ".values()", "an instance of WeakSet"],
    ["shared memory", { m: new SharedArrayBuffer(4) }, ".m", "an instance of SharedArrayBuffer"],
    [
      "an instance without a class",
      { x: Object.create(Object.create(null) as object) as unknown },
      ".x",
      "an instance of a class",
    ],
    [
      "a long pattern",
      { r: new RegExp("a".repeat(20_000)) },
      ".r",
      "a regular expression of more than 16384 characters",
    ],
    [
      "an own __proto__",
      { a: JSON.parse('{"__proto__": 1}') as unknown },
      ".a.__proto__",
      "a key that would change the receiver's objects",
    ],
  ];
  for (const [name, value, path, what] of cases) {
    test(`refusal: ${name}`, () => {
      const { encoder } = new TwoVms();
      expect(() => encodeCall(encoder, 1, 1, 1, "put", [0, value])).toThrow(
        refused(`args of call "put"[1]${path}`, what),
      );
      expect(() => encodeMessage(encoder, 1, wrong({ type: "t", value }))).toThrow(
        refused(`message.value${path}`, what),
      );
      expect(() => encodeMessage(encoder, 1, new CastMessage("put", [value]))).toThrow(
        refused(`args of cast "put"[0]${path}`, what),
      );
      expect(() => encodeReply(encoder, 1, true, value)).toThrow(refused(`reply${path}`, what));
    });
  }

  test("refusal: what contains itself, and what nests too deep", () => {
    const cyclic: unknown[] = [];
    cyclic.push([{ cyclic }]);
    const { encoder } = new TwoVms();
    expect(() => encodeReply(encoder, 1, true, cyclic)).toThrow(coded("MESSAGE_TOO_DEEP"));
    const map = new Map<string, unknown>();
    map.set("self", new Set([map]));
    expect(() => encodeReply(encoder, 1, true, map)).toThrow(coded("MESSAGE_TOO_DEEP"));
  });

  test("refusal: what is too large takes no more memory than a message may", () => {
    const pair = new TwoVms();
    const half = "x".repeat(limits.messageBytesMax / 2);
    // Small where it lies, and 2^60 texts when it is copied.
    let doubling: unknown = ["some text".repeat(1000)];
    for (let i = 0; i < 60; i++) doubling = [doubling, doubling];
    const sparse: unknown[] = [];
    sparse.length = 2 ** 32 - 1;
    for (const value of [
      [half, half],
      doubling,
      sparse,
      "日".repeat(limits.messageBytesMax),
      new Uint8Array(2 ** 25),
    ]) {
      expect(() => pair.send(value)).toThrow(coded("MESSAGE_TOO_LARGE"));
      expect(pair.encoder.bytes.length).toBeLessThanOrEqual(2 * limits.messageBytesMax);
    }
    expect((pair.send(half) as string).length).toBe(half.length);
    const objects = Array.from({ length: limits.messageBytesMax / 32 }, () => []);
    expect(() => pair.send(objects)).toThrow(
      expect.objectContaining({
        code: "MESSAGE_TOO_LARGE",
        details: expect.objectContaining({ unit: "objects" }),
      }),
    );
    objects.pop();
    expect(pair.send(objects)).toHaveLength(objects.length);
  });

  test("refusal: a message that the other side would take for corrupt does not leave", () => {
    const { encoder } = new TwoVms();
    for (const message of [
      "text",
      5,
      null,
      undefined,
      {},
      { type: 5 },
      { type: "$call" },
      { type: "$" },
      [1],
    ])
      expect(() => encodeMessage(encoder, 1, wrong(message))).toThrow(coded("MESSAGE_TYPE_INVALID"));
    for (const message of [new Error("e"), new Map(), new Date(0), new Socket()])
      expect(() => encodeMessage(encoder, 1, wrong(Object.assign(message, { type: "t" })))).toThrow(
        refused("message", `an instance of ${message.constructor.name}`),
      );
  });
});

describe("refusal: code that runs within a copy", () => {
  test("refusal: a getter's value is copied", () => {
    const value = {
      get now(): number {
        return 5;
      },
    };
    expect(new TwoVms().send([value, value])).toEqual([{ now: 5 }, { now: 5 }]);
  });

  test("refusal: what a getter throws reaches the sender, and teaches the peer nothing", () => {
    const pair = new TwoVms();
    const value = {
      fresh: { keys: 1 },
      get bad(): number {
        throw new RangeError("mine");
      },
    };
    expect(() => pair.send(value)).toThrow(RangeError);
    expect(() => encodeCall(pair.encoder, 1, 1, 1, "op", [value])).toThrow(RangeError);
    encodeCall(pair.encoder, 1, 1, 1, "other", [{ keys: 2 }, { fresh: 3 }]);
    expect(pair.receive()).toEqual([{ keys: 2 }, { fresh: 3 }]);
  });

  test("refusal: an object that changes while it is copied", () => {
    const pair = new TwoVms();
    const gone: Record<string, unknown> = {
      get a(): number {
        delete gone["b"];
        return 1;
      },
      b: 2,
    };
    expect(() => pair.send(gone)).toThrow(coded("MESSAGE_CHANGING"));
    let asked = 0;
    const turned = {
      get type(): unknown {
        return asked++ === 0 ? "text" : 5;
      },
      a: 1,
    };
    expect(pair.send(turned)).toEqual({ type: "text", a: 1 });
    const keys = new Proxy({ a: 1 }, { ownKeys: () => (asked++ % 2 === 0 ? ["a"] : []) });
    expect(() => pair.send(keys)).toThrow(coded("MESSAGE_CHANGING"));
    const map = new Map<unknown, unknown>();
    map.set("a", {
      get more(): number {
        map.set({}, map.get("a"));
        return 1;
      },
    });
    expect(() => pair.send(map)).toThrow(coded("MESSAGE_CHANGING"));
    expect(pair.send({ a: 1, b: 2 })).toEqual({ a: 1, b: 2 });
  });

  test("refusal: a getter that sends is refused, and the frame at hand is whole", () => {
    const pair = new TwoVms();
    const sends = {
      x: "before",
      get y(): number {
        pair.send("within");
        return 1;
      },
    };
    expect(() => pair.send(sends)).toThrow(coded("MESSAGE_CHANGING"));
    const tries = {
      x: "before",
      get y(): string {
        try {
          pair.send("within");
          return "sent";
        } catch {
          return "refused";
        }
      },
    };
    expect(pair.send(tries)).toEqual({ x: "before", y: "refused" });
  });
});

describe("refusal: control signals and failures always leave", () => {
  const reasons: readonly [given: unknown, expected: unknown][] = [
    ["normal", "normal"],
    [undefined, undefined],
    [
      { type: "shutdown", detail: { at: [1] } },
      { type: "shutdown", detail: { at: [1] } },
    ],
    [
      { type: "shutdown", detail: () => 1 },
      {
        type: "shutdown",
        detail: expect.stringContaining("exit reason.detail is the function detail") as unknown,
      },
    ],
    [
      { type: "shutdown", detail: "x".repeat(2 ** 25) },
      { type: "shutdown", detail: expect.stringContaining("Send it in parts") as unknown },
    ],
    [
      { type: "crash", name: "E", message: "m", code: "C", stack: "s" },
      { type: "crash", name: "E", message: "m", code: "C", stack: "s" },
    ],
    [
      { type: "crash", name: "E" },
      { type: "crash", name: "thrown", message: "[object Object]" },
    ],
    [5, { type: "crash", name: "thrown", message: "5" }],
    [new RangeError("r"), expect.objectContaining({ type: "crash", name: "RangeError", message: "r" })],
    [{ type: "crash", name: "E", message: "x".repeat(2 ** 25) }, expect.objectContaining({ type: "crash" })],
  ];
  test("refusal: a reason that cannot travel is told in words", () => {
    const pair = new TwoVms();
    for (const [given, expected] of reasons) {
      // Sound: what a program without types may exit with.
      encodeControl(pair.encoder, control.linkExit, 1, 2, 0, given as ExitReason | undefined);
      expect(pair.receive()).toEqual(expected);
    }
  });

  test("refusal: a failure with a wrong reason is told as one", () => {
    const pair = new TwoVms();
    encodeReply(pair.encoder, 1, false, { type: "exit", reason: 5 });
    expect(pair.receive()).toMatchObject({ type: "exit", reason: { type: "crash" } });
    encodeReply(pair.encoder, 1, false, { type: "unknown_op", reason: "get" });
    expect(pair.receive()).toEqual({ type: "unknown_op", reason: "get" });
  });
});
