import fc from "fast-check";
import { expect, test } from "vitest";
import { linkError } from "../../../transports/host-link/errors.ts";
import { type DialWatch, Redial, type RedialOptions } from "../../../transports/host-link/redial.ts";
import type { HostLink } from "../../../transports/index.ts";
import { ManualClock } from "../../support/manual-clock.ts";

/** Dials that come to what the test says. */
class Dials {
  readonly clock = new ManualClock();
  readonly watches: DialWatch[] = [];
  readonly redial: Redial;

  constructor(options: RedialOptions = {}) {
    this.redial = new Redial((watch) => this.dial(watch), this.clock, options);
  }

  get last(): DialWatch | undefined {
    return this.watches.at(-1);
  }

  private dial(watch: DialWatch): HostLink {
    this.watches.push(watch);
    const why = linkError("LINK_CLOSED", { by: "us", code: "c", text: "t" });
    // Sound: nothing else of a link is used here.
    return { close: () => watch.down(why) } as Partial<HostLink> as HostLink;
  }
}

const lost = linkError("LINK_LOST", { why: "cut" });

test("redial: each wait is in the second half of twice the last, up to the longest; a link that was up starts anew", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(99), { minLength: 1, maxLength: 12 }), fc.nat(11), (chances, upAt) => {
      let chance = 0;
      const dials = new Dials({ firstMs: 100, maxMs: 3000, random: () => chance / 100 });
      let failures = 0;
      for (const [index, each] of chances.entries()) {
        chance = each;
        if (index === upAt) {
          dials.last?.up();
          failures = 0;
        }
        const before = dials.watches.length;
        dials.last?.down(lost);
        const longest = Math.min(3000, 100 * 2 ** failures++);
        dials.clock.advance(longest / 2 - 1);
        expect(dials.watches.length).toBe(before);
        dials.clock.advance(longest / 2 + 1);
        expect(dials.watches.length).toBe(before + 1);
      }
    }),
  );
});

test("redial: closed, it dials no more, whether it has a link or waits for one", () => {
  const linked = new Dials();
  linked.redial.close();
  const waiting = new Dials();
  waiting.last?.down(lost);
  waiting.redial.close();
  for (const { clock, watches } of [linked, waiting]) {
    clock.advance(100_000);
    expect([watches.length, clock.pending]).toEqual([1, 0]);
  }
});

test("redial: a link that its own host has closed is not dialled again, one that the peer has closed is", () => {
  const ours = new Dials();
  ours.redial.link?.close();
  const theirs = new Dials();
  theirs.last?.down(linkError("LINK_CLOSED", { by: "peer", code: "c", text: "t" }));
  for (const { clock } of [ours, theirs]) clock.advance(100_000);
  expect([ours.watches.length, theirs.watches.length]).toEqual([1, 2]);
});

test("redial: without need it waits until it is told that there may be one, and says what went wrong before", () => {
  let needless = false;
  const failed: string[] = [];
  const { clock, redial, watches } = new Dials({
    needless: () => needless,
    failed: ({ code }) => failed.push(code),
  });
  watches[0]?.down(linkError("LINK_SELF", { name: "a" }));
  clock.advance(10_000);
  expect([watches.length, failed]).toEqual([2, ["LINK_SELF"]]);
  watches[1]?.up();
  needless = true;
  watches[1]?.down(lost);
  redial.resume();
  clock.advance(100_000);
  redial.resume();
  clock.advance(100_000);
  expect([watches.length, failed, clock.pending]).toEqual([2, ["LINK_SELF"], 0]);
  needless = false;
  redial.resume();
  redial.resume();
  clock.advance(200);
  expect(watches.length).toBe(3);
  needless = true;
  watches[2]?.down(lost);
  clock.advance(100_000);
  redial.close();
  needless = false;
  redial.resume();
  expect(clock.pending).toBe(0);
});

test("redial: waits that make no sense are refused", () => {
  for (const options of [{ firstMs: 0 }, { firstMs: 10, maxMs: 5 }, { maxMs: Number.NaN }])
    expect(() => new Dials(options)).toThrow(expect.objectContaining({ code: "LINK_OPTION" }));
});
