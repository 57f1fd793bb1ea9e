import { PassThrough, Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Caller } from "../../../src/index.ts";
import { Inflow } from "../../../src/door/inflow.ts";
import { Outflow, unconfirmedMax } from "../../../src/door/outflow.ts";

/** Somebody who asked. */
function asking<T>(): { readonly caller: Caller<T>; readonly answer: Promise<T> } {
  let reply = (_value: T): void => {};
  const answer = new Promise<T>((resolve) => (reply = resolve));
  // Sound: a flow only answers.
  return { caller: { reply } as Partial<Caller<T>> as Caller<T>, answer };
}

const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 20 });

describe("inflow", () => {
  test("whatever the parts it came in and however many ask at once, each byte is handed out once and in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        chunks,
        fc.integer({ min: 1, max: 5 }),
        fc.infiniteStream(fc.boolean()),
        async (parts, asks, mix) => {
          const stream = new PassThrough({ highWaterMark: 16 });
          const inflow = new Inflow(stream, Infinity, () => expect.unreachable());
          const got: Uint8Array[] = [];
          const feed = async (): Promise<void> => {
            for (const part of parts) {
              if (!stream.write(part)) await new Promise((drained) => stream.once("drain", drained));
              if (mix.next().value === true) await Promise.resolve();
            }
            stream.end();
          };
          const drain = async (): Promise<void> => {
            for (;;) {
              const open = Array.from({ length: asks }, () => asking<Uint8Array | null>());
              for (const { caller } of open) inflow.read(caller);
              const answers = await Promise.all(open.map(({ answer }) => answer));
              for (const answer of answers) if (answer !== null) got.push(answer);
              // After the end there are only ends.
              const end = answers.indexOf(null);
              if (end < 0) continue;
              expect(answers.slice(end).every((answer) => answer === null)).toBe(true);
              return;
            }
          };
          await Promise.all([feed(), drain()]);
          expect(Buffer.concat(got)).toEqual(Buffer.concat(parts));
        },
      ),
      { numRuns: 200 },
    );
  });

  test("nothing is taken from the stream that nobody asked for, and nothing above its bound is handed out", async () => {
    let tooLong = 0;
    const stream = new PassThrough({ highWaterMark: 8 });
    const inflow = new Inflow(stream, 10, () => void tooLong++);
    expect(stream.write(Buffer.alloc(8))).toBe(false);
    const first = asking<Uint8Array | null>();
    inflow.read(first.caller);
    expect((await first.answer)?.length).toBe(8);
    stream.write(Buffer.alloc(8));
    inflow.read(asking<Uint8Array | null>().caller);
    await new Promise((resolve) => setImmediate(resolve));
    expect(tooLong).toBe(1);
  });
});

describe("outflow", () => {
  test("what is confirmed was taken, and never is more unconfirmed than may be", async () => {
    await fc.assert(
      fc.asyncProperty(chunks, fc.integer({ min: 1, max: 64 }), async (parts, highWaterMark) => {
        const taken: Buffer[] = [];
        const stream = new Writable({
          highWaterMark,
          write: (chunk: Buffer, _encoding, done) => {
            taken.push(chunk);
            setImmediate(done);
          },
        });
        const outflow = new Outflow(stream);
        const confirmed: Promise<undefined>[] = [];
        for (const part of parts) {
          const { caller, answer } = asking<undefined>();
          while (!outflow.write(caller, part)) await Promise.all(confirmed);
          confirmed.push(answer);
          expect(stream.writableLength).toBeLessThanOrEqual(highWaterMark + 40 * (unconfirmedMax + 1));
        }
        await Promise.all(confirmed);
        await new Promise<void>((resolve) => stream.end(resolve));
        expect(Buffer.concat(taken)).toEqual(Buffer.concat(parts));
      }),
      { numRuns: 50 },
    );
  });
});
