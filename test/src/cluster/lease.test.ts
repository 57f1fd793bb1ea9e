import { describe, expect, test } from "vitest";
import { Lease, type LeaseAnswer, type LeaseRequest } from "../../../src/cluster/lease.ts";
import { encodeRecord } from "../../../src/cluster/lease-record.ts";

/** A lease of 1000 ms, and what it asked and said, in order. */
function given() {
  const said: string[] = [];
  const asked: LeaseRequest[] = [];
  let last = 0;
  const lease = new Lease(
    { name: "it", holder: "me", ttlMs: 1000 },
    {
      ask(id, request) {
        last = id;
        asked.push(request);
        said.push(request.op);
      },
      granted: (token) => said.push(`granted ${token}`),
      lost: (why, token) => said.push(`lost ${token}: ${why}`),
      problem: ({ code }) => said.push(code),
    },
  );
  const heard = (): readonly string[] => said.splice(0);
  return {
    lease,
    heard,
    asked,
    answer: (nowMs: number, answer: LeaseAnswer): readonly string[] => {
      lease.answer(nowMs, last, answer);
      return heard();
    },
    tick: (nowMs: number): readonly string[] => {
      lease.tick(nowMs);
      return heard();
    },
    get last() {
      return last;
    },
  };
}

const nothing: LeaseAnswer = { type: "entry", entry: undefined };
const conflict: LeaseAnswer = { type: "conflict" };
const failed: LeaseAnswer = { type: "failed", why: "cut off" };
const done = (revision: number): LeaseAnswer => ({ type: "done", revision });
const of = (holder: string, revision: number, ttlMs = 1000): LeaseAnswer => ({
  type: "entry",
  entry: { revision, value: encodeRecord({ holder, ttlMs, note: "" }) },
});

/** Granted at 2 ms with the token 7, asked for at 1 ms. */
function holder() {
  const all = given();
  all.tick(0);
  all.answer(1, nothing);
  expect(all.answer(2, done(7))).toEqual(["granted 7"]);
  return all;
}

describe("lease", () => {
  test("lease: looks, creates, and holds until its time counted from the request", () => {
    const { tick, answer, lease } = given();
    expect(tick(0)).toEqual(["get"]);
    expect(answer(50, nothing)).toEqual(["create"]);
    expect(answer(150, done(7))).toEqual(["granted 7"]);
    expect([150, 949, 950, 2000].map((nowMs) => lease.leftMs(7, nowMs))).toEqual([800, 1, 0, 0]);
    // Of another term nothing is left, before or after.
    expect([lease.leftMs(6, 150), lease.leftMs(8, 150)]).toEqual([0, 0]);
    expect(lease.deadlineMs).toBe(50 + 900);
  });

  test("lease: a renewal moves the deadline to its own request, under the same token", () => {
    const { tick, answer, lease, asked } = holder();
    expect(lease.nextMs).toBe(201);
    expect(tick(201)).toEqual(["update"]);
    expect(asked.at(-1)).toMatchObject({ op: "update", revision: 7 });
    expect(answer(300, done(9))).toEqual([]);
    expect(lease.deadlineMs).toBe(201 + 900);
    expect(lease.leftMs(7, 1000)).toBe(101);
  });

  test("lease: it is lost at the deadline without a word of the store, and whoever looks sees it even before", () => {
    const { tick, answer, lease } = holder();
    tick(201);
    expect(lease.leftMs(7, 901)).toBe(0);
    // A process that stood still: the answer is the first that it hears.
    expect(answer(5000, done(8))).toEqual(["lost 7: expired", "update"]);
    expect(lease.leftMs(7, 5000)).toBe(0);
    // It may have it again, as nobody came, under a greater token.
    expect(answer(5001, done(10))).toEqual(["granted 10"]);
  });

  test("lease: another's is left alone for its ttl and margin from when it was first seen, and then taken by its revision", () => {
    const { tick, answer, lease, asked } = given();
    tick(0);
    expect(answer(10, of("other", 5, 2000))).toEqual([]);
    expect(lease.holder).toBe("other");
    for (let nowMs = 211; nowMs < 2200; nowMs += 201) {
      expect(tick(nowMs)).toEqual(["get"]);
      answer(nowMs + 1, of("other", 5, 2000));
    }
    expect(lease.nextMs).toBe(2210);
    expect(tick(2210)).toEqual(["update"]);
    expect(asked.at(-1)).toMatchObject({ op: "update", revision: 5 });
    expect(answer(2211, done(6))).toEqual(["granted 6"]);
  });

  test("lease: a renewal of another begins the wait anew, also if a watch tells of it", () => {
    const { tick, answer, lease } = given();
    tick(0);
    answer(10, of("other", 5));
    lease.noticed(900, { revision: 6, value: encodeRecord({ holder: "other", ttlMs: 1000, note: "" }) });
    expect(lease.nextMs).toBe(1100);
    // What is older than that is no news.
    lease.noticed(1000, { revision: 5, value: encodeRecord({ holder: "third", ttlMs: 1000, note: "" }) });
    expect(lease.holder).toBe("other");
    expect(tick(1110)).toEqual(["get"]);
    answer(1111, of("other", 6));
    expect(tick(1999)).toEqual(["get"]);
    expect(answer(1999.5, of("other", 6))).toEqual([]);
    expect(tick(2000)).toEqual(["update"]);
  });

  test("lease: one that was given up is created at once, by the word of a watch", () => {
    const { tick, answer, lease, heard } = given();
    tick(0);
    answer(10, of("other", 5));
    lease.noticed(100, { revision: 4, value: undefined });
    expect(heard()).toEqual([]);
    lease.noticed(101, { revision: 6, value: undefined });
    expect(heard()).toEqual(["create"]);
    expect(answer(102, conflict)).toEqual([]);
    expect(tick(152)).toEqual(["get"]);
  });

  test("lease: a renewal whose answer is lost is looked for, and goes on from what is there", () => {
    const { tick, answer, asked, lease } = holder();
    tick(201);
    expect(tick(401)).toEqual(["LEASE_STORE"]);
    expect(tick(451)).toEqual(["get"]);
    expect(lease.deadlineMs).toBe(901);
    expect(answer(452, of("me", 8))).toEqual(["update"]);
    expect(asked.at(-1)).toMatchObject({ revision: 8 });
    expect(answer(453, done(9))).toEqual([]);
    expect(lease.deadlineMs).toBe(452 + 900);
  });

  test("lease: an answer to a request that was given up on, or a second one, changes nothing", () => {
    const { tick, answer, lease, last, heard } = holder();
    lease.answer(3, last, done(100));
    tick(201);
    const late = last + 1;
    tick(401);
    lease.answer(402, late, done(8));
    expect(lease.deadlineMs).toBe(901);
    heard();
    expect(answer(403, failed)).toEqual([]);
  });

  test("lease: a claim whose answer is lost is found, and made anew: the grant has a token of its own", () => {
    const { tick, answer, asked } = given();
    tick(0);
    answer(1, nothing);
    expect(answer(2, failed)).toEqual(["LEASE_STORE"]);
    tick(60);
    expect(answer(61, of("me", 3))).toEqual(["update"]);
    expect(asked.at(-1)).toMatchObject({ revision: 3 });
    expect(answer(62, done(4))).toEqual(["granted 4"]);
  });

  test("lease: a claim that is confirmed after its time is no grant", () => {
    const { tick, answer, lease } = given();
    tick(0);
    answer(1, nothing);
    expect(answer(950, done(3))).toEqual(["update"]);
    expect(lease.leftMs(3, 950)).toBe(0);
    expect(answer(951, done(4))).toEqual(["granted 4"]);
  });

  test("lease: what another took, and what was deleted by hand, is lost at once", () => {
    const taken = holder();
    taken.tick(201);
    expect(taken.answer(202, conflict)).toEqual(["get"]);
    expect(taken.answer(203, of("other", 9))).toEqual(["lost 7: taken"]);
    const gone = holder();
    gone.lease.noticed(100, { revision: 8, value: undefined });
    expect(gone.heard()).toEqual(["lost 7: gone", "create"]);
  });

  test("lease: what was there before it was granted is no news to its holder", () => {
    const { lease, heard } = holder();
    lease.noticed(10, { revision: 6, value: undefined });
    lease.noticed(10, { revision: 5, value: encodeRecord({ holder: "other", ttlMs: 1000, note: "" }) });
    expect(heard()).toEqual([]);
    expect(lease.leftMs(7, 10)).toBeGreaterThan(0);
  });

  test("lease: released, it is not held from that moment, and is deleted by its revision", () => {
    const { lease, heard, answer, asked } = holder();
    lease.release(10);
    expect(heard()).toEqual(["lost 7: released", "delete"]);
    expect(lease.leftMs(7, 10)).toBe(0);
    expect(asked.at(-1)).toEqual({ op: "delete", revision: 7 });
    expect(answer(11, done(8))).toEqual([]);
    expect([lease.state, lease.nextMs]).toEqual(["left", Infinity]);
  });

  test("lease: released with a renewal under way, it deletes what that has written", () => {
    const { lease, heard, answer, tick, asked } = holder();
    tick(201);
    lease.release(210);
    expect(heard()).toEqual(["lost 7: released"]);
    expect(answer(211, done(8))).toEqual(["delete"]);
    expect(asked.at(-1)).toEqual({ op: "delete", revision: 8 });
    expect(answer(212, conflict)).toEqual(["get"]);
    expect(answer(213, of("other", 9))).toEqual([]);
    expect(lease.state).toBe("left");
  });

  test("lease: released while the store is away, it is left to expire after some tries", () => {
    const { lease, heard, answer, tick } = holder();
    lease.release(10);
    expect(heard()).toEqual(["lost 7: released", "delete"]);
    expect(answer(11, failed)).toEqual(["LEASE_STORE"]);
    expect(tick(61)).toEqual(["get"]);
    expect(answer(62, failed)).toEqual([]);
    expect(tick(112)).toEqual(["get"]);
    expect(answer(113, failed)).toEqual([]);
    expect(lease.state).toBe("left");
  });

  test("lease: a candidate that was never granted anything leaves without a word", () => {
    const { lease, tick, answer, heard } = given();
    tick(0);
    answer(1, of("other", 5));
    lease.release(2);
    expect(heard()).toEqual([]);
    expect(lease.state).toBe("left");
  });

  test("lease: what is no lease is left alone, and told once", () => {
    const { tick, answer, lease } = given();
    tick(0);
    const foreign: LeaseAnswer = { type: "entry", entry: { revision: 5, value: "hello" } };
    expect(answer(1, foreign)).toEqual(["LEASE_RECORD"]);
    for (let nowMs = 201; nowMs < 5000; nowMs += 201) {
      expect(tick(nowMs)).toEqual(["get"]);
      expect(answer(nowMs, foreign)).toEqual([]);
    }
    lease.noticed(5001, { revision: 6, value: undefined });
    expect(answer(5002, done(8))).toEqual(["create", "granted 8"]);
  });

  test("lease: a store that says nothing but conflict is asked no faster than a twentieth of the ttl", () => {
    const { tick, answer, lease, asked } = given();
    let nowMs = 0;
    tick(0);
    for (let turn = 0; turn < 100; turn++) {
      answer(nowMs, asked.at(-1)?.op === "get" ? nothing : conflict);
      nowMs = Math.max(nowMs, Math.min(lease.nextMs, nowMs + 200));
      tick(nowMs);
    }
    expect(asked.length / nowMs).toBeLessThan(2 / 50 + 0.01);
  });

  test("lease: a note is written at once, and what is too long or lasts too short is refused", () => {
    const { lease, heard, asked } = holder();
    lease.annotate(5, "at home");
    expect(heard()).toEqual(["update"]);
    expect(asked.at(-1)).toMatchObject({ value: expect.stringContaining("at home") });
    const refused = expect.objectContaining({ code: "LEASE_OPTION" });
    expect(() => lease.annotate(6, "x".repeat(3000))).toThrow(refused);
    const sink = { ask() {}, granted() {}, lost() {}, problem() {} };
    for (const ttlMs of [0, 99, NaN, -1, 3_600_001, Infinity])
      expect(() => new Lease({ name: "it", holder: "me", ttlMs }, sink)).toThrow(refused);
  });
});
