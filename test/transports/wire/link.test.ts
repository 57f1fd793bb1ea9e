import { describe, expect, test } from "vitest";
import { isMotesError, limits } from "../../../kernel/index.ts";
import { frame } from "../../../transports/wire/frame.ts";
import { Link, memoryChannel, portableText, type Channel } from "../../../transports/wire/index.ts";
import { channels, linkExit, LinkPair, Log } from "./link-pair.ts";

const capacityBytes = 16 * 1024;
const coded = (code: string): unknown => expect.objectContaining({ code });
const kib = (n: number, fill = "x"): string => fill.repeat(n * 1024);

/** Writes records of its own making to a link, as a hostile peer does. */
class Forger {
  readonly link: Link;
  readonly log = new Log();
  readonly channel: Channel;

  constructor(greets = true) {
    const pair = new LinkPair();
    const [here, there] = memoryChannel({ capacityBytes: 64 * 1024 });
    this.link = pair.two;
    this.link.connect(there);
    this.channel = here;
    if (greets) this.write(frame.hello, 1);
  }

  write(...record: number[]): void {
    expect(this.channel.write(Uint8Array.from(record), record.length)).toBe(true);
    this.channel.publish();
  }

  poll(): number {
    return this.link.poll(this.log);
  }
}

for (const [name, make] of Object.entries(channels)) {
  describe(`link over ${name}`, () => {
    test("link: all four signals arrive in the order sent", () => {
      const pair = new LinkPair().connect(make(capacityBytes));
      pair.one.message(1, { type: "a" });
      pair.one.call(1, 2, 3, "op", ["x"]);
      pair.one.reply(4, false, { type: "exit", reason: "noproc" });
      pair.one.control(linkExit, 1, 2, 0, "killed");
      pair.one.message(1, { type: "b" });
      expect(pair.settle().atTwo.heard).toEqual([
        ["message", 1, { type: "a" }],
        ["call", 1, 2, 3, "op", ["x"]],
        ["reply", 4, false, { type: "exit", reason: "noproc" }],
        ["control", linkExit, 1, 2, 0, "killed"],
        ["message", 1, { type: "b" }],
      ]);
    });

    test("link: from a byte to several MiB, sent before and after it has a channel, in order", () => {
      const pair = new LinkPair();
      const sizes = [1, 4000, 4095, 4096, 4097, 5000, 100_000, 1, 3 * 1024 * 1024, 2];
      const send = (): void =>
        sizes.forEach((size, at) => pair.one.message(at, { type: "t", text: "x".repeat(size) } as never));
      send();
      pair.connect(make(capacityBytes));
      send();
      pair.settle();
      send();
      const got = pair.settle().atTwo.heard.map((each) => {
        const [, to, { text }] = each as [string, number, { readonly text: string }];
        return [to, text.length];
      });
      const once = sizes.map((size, at) => [at, size]);
      expect(got).toEqual([...once, ...once, ...once]);
      expect(pair.one.flushed).toBe(true);
    });

    test("link: a saturated receiver stops the poll and loses nothing", () => {
      const pair = new LinkPair().connect(make(capacityBytes));
      for (let i = 0; i < 50; i++) pair.one.message(i, { type: "t" });
      pair.atTwo.room = 20;
      pair.settle();
      expect(pair.atTwo.heard).toHaveLength(20);
      expect(pair.two.poll(pair.atTwo)).toBe(0);
      pair.atTwo.room = Infinity;
      expect(pair.settle().atTwo.heard.map((each) => (each as unknown[])[1])).toEqual(
        Array.from({ length: 50 }, (_, i) => i),
      );
    });

    test("link: what is left of a peer that is gone is taken, saturated or not", () => {
      const pair = new LinkPair().connect(make(capacityBytes));
      pair.one.message(1, { type: "t" });
      pair.one.flush();
      pair.atTwo.room = 0;
      expect(pair.two.poll(pair.atTwo)).toBe(0);
      // The hello and the message.
      expect(pair.two.poll(pair.atTwo, true)).toBe(2);
      expect(pair.atTwo.heard).toHaveLength(1);
    });

    test("link: congested above the soft bound, refused above the hard one, drained again", () => {
      const pair = new LinkPair().connect(make(capacityBytes));
      const text = kib(128);
      let sent = 0;
      while (!pair.one.congested) pair.one.message(sent++, { type: "t", text } as never);
      expect(sent).toBeLessThanOrEqual(limits.linkQueueBytesSoft / text.length + 1);
      const fresh = { type: "fresh", text, never: { seen: 1 } };
      const fill = (): void => {
        for (;;) {
          pair.one.message(sent, fresh as never);
          sent++;
        }
      };
      expect(fill).toThrow(
        expect.objectContaining({
          code: "CARRIER_FULL",
          details: expect.objectContaining({ refused: fresh }),
        }),
      );
      const args = [{ other: { shape: text } }];
      expect(() => pair.one.call(1, 1, 1, "newop", args)).toThrow(
        expect.objectContaining({ details: expect.objectContaining({ refused: args }) }),
      );
      // Control signals and answers go on.
      pair.one.control(linkExit, 9, 9, 0, "killed");
      pair.one.reply(9, true, { other: { shape: text } });
      pair.settle();
      expect(pair.one.congested).toBe(false);
      expect(pair.one.flushed).toBe(true);
      expect(pair.atTwo.heard).toHaveLength(sent + 2);
      expect((pair.atTwo.heard[sent] as unknown[])[0]).toBe("control");
      // What was refused has taught nothing.
      pair.one.call(1, 1, 1, "newop", args);
      expect(pair.settle().atTwo.heard.at(-1)).toEqual(["call", 1, 1, 1, "newop", args]);
    });

    test("link: answers that nobody reads end it before they fill the memory", () => {
      const pair = new LinkPair().connect(make(capacityBytes));
      const value = kib(4096);
      for (let i = 0; pair.one.broken === undefined; i++) {
        expect(i).toBeLessThan((2 * limits.linkQueueBytesMax) / value.length + 1);
        pair.one.reply(i, true, value);
      }
      expect(pair.one.broken).toEqual(coded("CARRIER_STUCK"));
      pair.one.reply(1, true, value);
      expect(pair.one.waitingBytes).toBe(-1);
    });

    test("link: one end that closes is noticed by the other, after what was sent", () => {
      const pair = new LinkPair().connect(make(capacityBytes));
      pair.one.message(1, { type: "last" });
      pair.one.flush();
      pair.one.close();
      expect(pair.two.poll(pair.atTwo)).toBe(2);
      expect(pair.atTwo.heard).toHaveLength(1);
      expect(pair.two.broken).toEqual(coded("CARRIER_CLOSED"));
      // Nothing is kept for nobody.
      pair.two.message(1, { type: "t" });
      pair.two.control(linkExit, 1, 1, 0, "normal");
      expect(pair.two.flushed).toBe(true);
      expect(pair.two.flush()).toBe(false);
    });

    test("link: a corrupt record breaks this link only, and both of its ends", () => {
      const [first, second] = make(capacityBytes);
      const pair = new LinkPair().connect([first, second]);
      const other = new LinkPair().connect(make(capacityBytes));
      pair.settle();
      pair.one.message(1, { type: "good" });
      pair.one.flush();
      first.write(Uint8Array.of(frame.message, 1, 0xff), 3);
      pair.one.message(1, { type: "behind" });
      pair.settle();
      expect(pair.atTwo.heard).toEqual([["message", 1, { type: "good" }]]);
      expect(pair.two.broken).toEqual(coded("FRAME_CORRUPT"));
      expect(pair.two.poll(pair.atTwo)).toBe(0);
      pair.one.poll(pair.atOne);
      expect(pair.one.broken).toEqual(coded("CARRIER_CLOSED"));
      other.one.message(1, { type: "a" });
      expect(other.settle().atTwo.heard).toHaveLength(1);
    });
  });
}

describe("link: a peer that lies", () => {
  const hello = [frame.hello, 1];
  const lies: readonly [name: string, records: readonly (readonly number[])[], code: string][] = [
    ["another version", [[frame.hello, 7]], "PROTOCOL_MISMATCH"],
    ["no hello", [[frame.message, 1, 0xff]], "FRAME_CORRUPT"],
    ["an empty record", [[]], "FRAME_CORRUPT"],
    ["two hellos", [hello, hello], "FRAME_CORRUPT"],
    ["an empty fragment", [hello, [frame.fragment]], "FRAME_CORRUPT"],
    ["an empty last fragment", [hello, [frame.lastFragment]], "FRAME_CORRUPT"],
    ["a frame between fragments", [hello, [frame.fragment, 1], hello], "FRAME_CORRUPT"],
    [
      "a fragment in fragments",
      [hello, [frame.fragment, frame.fragment], [frame.lastFragment, 1]],
      "FRAME_CORRUPT",
    ],
    [
      "fragments that come to nothing",
      [hello, [frame.fragment, frame.message], [frame.lastFragment, 1]],
      "FRAME_CORRUPT",
    ],
  ];
  for (const [name, records, code] of lies) {
    test(`link: ${name}`, () => {
      const forger = new Forger(false);
      for (const record of records) forger.write(...record);
      forger.poll();
      expect(forger.link.broken).toEqual(coded(code));
      expect(forger.log.heard).toEqual([]);
    });
  }

  test("link: fragments without end stop at what a message may have", () => {
    const forger = new Forger();
    const part = Uint8Array.from({ length: forger.channel.maxRecordBytes }, () => frame.fragment);
    let records = 0;
    while (forger.link.broken === undefined) {
      while (forger.channel.write(part, part.length)) records++;
      forger.channel.publish();
      forger.poll();
      expect(records * part.length).toBeLessThan(limits.messageBytesMax + 10 * part.length);
    }
    expect(forger.link.broken).toEqual(coded("FRAME_CORRUPT"));
  });

  test("link: what the receiving actor's side throws is not the peer's fault", () => {
    const forger = new Forger();
    forger.poll();
    const problem = new Error("mine");
    forger.log.message = () => {
      throw problem;
    };
    forger.write(frame.message, 1, 0xca, 1, 0x84, ...[..."type"].map((each) => each.charCodeAt(0)), 0x81, 97);
    expect(() => forger.poll()).toThrow(problem);
    expect(forger.link.broken).toBeUndefined();
  });

  test("link: a closed link takes no channel, and a channel too narrow for what was queued is a bug", () => {
    const pair = new LinkPair();
    expect(() => pair.one.connect(memoryChannel({ maxRecordBytes: 100 })[0])).toThrow(
      expect.toSatisfy((problem) => isMotesError(problem, "BUG")),
    );
    pair.one.close();
    const [here, there] = memoryChannel();
    pair.one.connect(here);
    expect(there.ended).toBe(true);
  });

  test("link: the portable text codec is the default", () => {
    const { one } = new LinkPair().vms;
    const link = new Link({
      own: one.home,
      peer: one.peers.home("", 2),
      addressOf: () => {
        throw new Error("none");
      },
    });
    link.message(1, { type: "日".repeat(100) });
    expect(portableText.readUtf16(Uint8Array.of(1, 0, 2, 0), 0, 4)).toBe("\u0001\u0002");
    expect(link.waitingBytes).toBeGreaterThan(0);
  });
});
