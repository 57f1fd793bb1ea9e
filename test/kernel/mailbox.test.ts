import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Mailbox } from "../../kernel/mailbox.ts";
import type { Message } from "../../kernel/index.ts";

const message = (n: number): Message => ({ type: String(n) });

describe("mailbox", () => {
  test("mailbox: an empty one holds nothing", () => {
    const mailbox = new Mailbox(Infinity);
    expect(mailbox.count).toBe(0);
    expect(mailbox.at(0)).toBeUndefined();
  });

  test("mailbox: first in, first out, also over the wrap and while it grows", () => {
    const mailbox = new Mailbox(Infinity);
    const out: string[] = [];
    for (let i = 0; i < 100; i++) {
      mailbox.put(message(2 * i));
      mailbox.put(message(2 * i + 1));
      out.push(mailbox.take().type);
    }
    while (mailbox.count > 0) out.push(mailbox.take().type);
    expect(out).toEqual(Array.from({ length: 200 }, (_, i) => String(i)));
  });

  test("mailbox: at its capacity put says so and changes nothing, putAlways finds room", () => {
    const mailbox = new Mailbox(3);
    for (let i = 0; i < 3; i++) expect(mailbox.put(message(i))).toBe(true);
    expect(mailbox.put(message(3))).toBe(false);
    for (let i = 4; i < 10; i++) mailbox.putAlways(message(i));
    expect(mailbox.put(message(10))).toBe(false);
    expect(mailbox.count).toBe(9);
    for (let i = 0; i < 7; i++) mailbox.take();
    expect(mailbox.put(message(11))).toBe(true);
    expect([mailbox.take(), mailbox.take(), mailbox.take()].map((m) => m.type)).toEqual(["8", "9", "11"]);
  });

  test("mailbox: any run of operations does what an array does", () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.constant("put" as const) },
      { weight: 1, arbitrary: fc.constant("always" as const) },
      { weight: 2, arbitrary: fc.constant("take" as const) },
      { weight: 1, arbitrary: fc.nat(30) },
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 200 }),
        fc.constantFrom(1, 2, 3, 5, 8, 50, Infinity),
        (steps, capacity) => {
          const mailbox = new Mailbox(capacity);
          const model: Message[] = [];
          for (const [n, what] of steps.entries()) {
            if (what === "put") {
              const fits = model.length < capacity;
              expect(mailbox.put(message(n))).toBe(fits);
              if (fits) model.push(message(n));
            } else if (what === "always") {
              mailbox.putAlways(message(n));
              model.push(message(n));
            } else if (what === "take") {
              if (model.length > 0) expect(mailbox.take()).toEqual(model.shift());
            } else if (what < model.length) expect(mailbox.removeAt(what)).toEqual(model.splice(what, 1)[0]);
            expect(mailbox.count).toBe(model.length);
            for (let i = 0; i <= model.length; i++) expect(mailbox.at(i)).toEqual(model[i]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
