import * as fc from "fast-check";
import { expect, test } from "vitest";
import { isMotesError } from "../../../kernel/index.ts";
import { channels, linkExit, LinkPair } from "./link-pair.ts";
import { told } from "./two-vms.ts";
import type { Link } from "../../../transports/wire/index.ts";

/** What is done to a pair: which end, what, how large. */
const step = fc.record({
  first: fc.boolean(),
  what: fc.constantFrom(
    "message",
    "call",
    "reply",
    "control",
    "bad",
    "flush",
    "poll",
    "poll",
    "saturate",
    "connect",
  ),
  bytes: fc.oneof({ weight: 6, arbitrary: fc.nat(200) }, fc.constantFrom(4000, 5000, 20_000, 200_000)),
  room: fc.nat(5),
});

/** Sends, and says what should arrive; undefined if it was refused. */
function send(link: Link, what: string, n: number, bytes: number): unknown[] | undefined {
  const text = "ä".repeat(bytes);
  try {
    if (what === "message") {
      const message = { type: n % 3 === 0 ? "x" : "y", [`k${n % 7}`]: text, n };
      link.message(n, message);
      return ["message", n, message];
    }
    if (what === "call") {
      link.call(n, 2, 3, `op${n % 5}`, [text, { n }]);
      return ["call", n, 2, 3, `op${n % 5}`, [text, { n }]];
    }
    if (what === "reply") {
      link.reply(n, true, [text, undefined]);
      return ["reply", n, true, [text, undefined]];
    }
    if (what === "control") {
      const reason = n % 2 === 0 ? "killed" : { type: "shutdown" as const, detail: { text } };
      link.control(linkExit, n, 1, 0, reason);
      return ["control", linkExit, n, 1, 0, reason];
    }
    link.call(n, 2, 3, `bad${n % 5}`, [{ [`k${n % 7}`]: [() => 1] }]);
  } catch (problem) {
    if (!isMotesError(problem)) throw problem;
  }
  return undefined;
}

for (const [name, make] of Object.entries(channels)) {
  test(`link: any interleaving of sends, flushes and polls both ways is two queues (${name})`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const pair = new LinkPair();
        const ends = make(16 * 1024);
        const toOne: unknown[] = [];
        const toTwo: unknown[] = [];
        steps.forEach(({ first, what, bytes, room }, n) => {
          const link = first ? pair.one : pair.two;
          const log = first ? pair.atOne : pair.atTwo;
          if (what === "flush") link.flush();
          else if (what === "poll") link.poll(log);
          else if (what === "saturate") log.room = room;
          else if (what === "connect") {
            if (!link.connected) link.connect(first ? ends[0] : ends[1]);
          } else {
            const expected = send(link, what, n, bytes);
            if (expected !== undefined) (first ? toTwo : toOne).push(expected);
          }
        });
        pair.atOne.room = Infinity;
        pair.atTwo.room = Infinity;
        if (!pair.one.connected) pair.one.connect(ends[0]);
        if (!pair.two.connected) pair.two.connect(ends[1]);
        pair.settle();
        expect(pair.one.broken ?? pair.two.broken).toBeUndefined();
        expect(told(pair.atTwo.heard)).toBe(told(toTwo));
        expect(told(pair.atOne.heard)).toBe(told(toOne));
      }),
      { numRuns: 120 },
    );
  });
}
