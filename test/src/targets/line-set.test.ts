import { describe, expect, test } from "vitest";
import { LineSet, type Parkable } from "../../../src/targets/line-set.ts";

/** A line that counts what is asked of it. */
class Counted implements Parkable {
  readonly broken = undefined;
  roused: (() => void) | undefined = undefined;
  flushed = true;
  waiting = false;
  polls = 0;
  sleeps = true;
  awakened = 0;
  come = 0;

  poll(): number {
    this.polls++;
    const { come } = this;
    this.come = 0;
    return come;
  }
  flush(): boolean {
    return false;
  }
  wakePeer(): void {}
  prepareSleep(): boolean {
    return this.sleeps;
  }
  awake(): void {
    this.awakened++;
  }
  close(): void {}
}

const rounds = (set: LineSet, count: number): void => {
  for (let n = 0; n < count; n++) {
    set.poll(() => {});
    set.flush();
  }
};

describe("line-set", () => {
  test("line-set: what is added again is polled once a round, and not at all when it is gone", () => {
    const set = new LineSet();
    const line = new Counted();
    set.add(line);
    set.add(line);
    rounds(set, 3);
    expect([line.polls, set.size]).toEqual([3, 1]);
    set.delete(line);
    rounds(set, 3);
    expect([line.polls, set.size]).toEqual([3, 0]);
  });

  test("line-set: one that goes while it is polled, with others, has none of the rest passed over", () => {
    const set = new LineSet();
    const [before, first, last, after] = [new Counted(), new Counted(), new Counted(), new Counted()];
    for (const line of [before, first, last, after]) set.add(line);
    first.poll = () => {
      for (const line of [before, first, last]) set.delete(line);
      return 0;
    };
    rounds(set, 1);
    expect([before.polls, last.polls, after.polls, set.size]).toEqual([1, 0, 1, 1]);
  });

  test("line-set: a line that stays quiet is parked and costs nothing, until it is roused", () => {
    const [set, quiet, busy] = [new LineSet(), new Counted(), new Counted()];
    set.add(quiet, quiet);
    set.add(busy, busy);
    for (let n = 0; n < 100; n++) {
      busy.come = 1;
      rounds(set, 1);
    }
    expect(busy.polls).toBe(100);
    expect(quiet.polls).toBeLessThan(20);
    expect(set.size).toBe(1);
    const { polls } = quiet;
    set.rouse(quiet);
    expect(quiet.awakened).toBe(1);
    rounds(set, 1);
    expect(quiet.polls).toBe(polls + 1);
  });

  test("line-set: who uses a parked line rouses it", () => {
    const [set, line] = [new LineSet(), new Counted()];
    set.add(line, line);
    expect(line.roused).toBeUndefined();
    rounds(set, 100);
    expect(set.size).toBe(0);
    line.roused?.();
    expect(line.roused).toBeUndefined();
    expect(set.size).toBe(1);
  });

  test("line-set: what has something to do, or cannot be parked, is not", () => {
    const [set, sending, full, plain] = [new LineSet(), new Counted(), new Counted(), new Counted()];
    sending.flushed = false;
    full.sleeps = false;
    set.add(sending, sending);
    set.add(full, full);
    set.add(plain);
    rounds(set, 100);
    expect(set.size).toBe(3);
    expect([sending.polls, full.polls, plain.polls]).toEqual([100, 100, 100]);
  });

  test("line-set: a parked line can be taken away, and is not roused then", () => {
    const [set, line, other] = [new LineSet(), new Counted(), new Counted()];
    set.add(line, line);
    set.add(other);
    rounds(set, 100);
    set.delete(line);
    set.rouse(line);
    expect(set.size).toBe(1);
    expect(line.roused).toBeUndefined();
    set.delete(other);
    expect(set.size).toBe(0);
  });
});
