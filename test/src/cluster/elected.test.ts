/** Actors of which a cluster has one: all of it in the simulator, on virtual time. */
import { describe, expect, test } from "vitest";
import { process, type Self } from "../../../kernel/index.ts";
import { elected, type Term } from "../../../src/cluster/index.ts";
import { simulate, type FaultOptions } from "../../../src/testing/index.ts";
import { options, play, type Steps } from "./scene.ts";
import { Journal, town } from "./town.ts";

describe("elected", () => {
  test("elected: one has the actor, and says who; when it resigns the other one has it, with a greater token", async () => {
    const said = await play(function* ({ self, keeper, said, terms, join }) {
      const a = join("a");
      yield* self.sleep(10);
      const b = join("b");
      yield* self.sleep(3000);
      const status = yield* self.call(a, "status");
      expect(status).toMatchObject({ state: "leader", token: 1, problem: undefined });
      expect(yield* self.call(b, "status")).toMatchObject({ state: "candidate", holder: status.holder });
      expect(yield* self.call(keeper, "holder", "it")).toEqual({
        holder: expect.stringMatching(/^here#/),
        token: 1,
        note: "a note",
      });
      expect(yield* self.call(keeper, "holder", "nobody")).toBeUndefined();
      self.cast(b, "resign");
      self.cast(a, "resign");
      yield* self.sleep(100);
      const [first, second] = terms;
      expect([first?.holds, second?.holds]).toEqual([false, true]);
      expect(() => first?.check()).toThrow(expect.objectContaining({ code: "LEASE_LOST" }));
      expect(second?.leftMs).toBeGreaterThan(500);
      expect(yield* self.call(a, "status")).toMatchObject({ state: "candidate" });
      said.push("later");
      yield* self.sleep(5000);
    });
    expect(said.map((line) => line.replace(/\d+/, "n"))).toEqual([
      "a n",
      'a is to end: "shutdown"',
      "b n",
      "later",
    ]);
  });

  test("elected: it ends as its actor does, and has given the lease up", async () => {
    const said = await play(function* ({ self, said, join }) {
      const a = join("a");
      yield* self.sleep(10);
      join("b");
      yield* self.sleep(100);
      const { leader } = yield* self.call(a, "status");
      if (leader !== undefined) self.send(leader, { type: "told", what: "bored" });
      const { reason } = yield* self.receive("exit");
      said.push(`a has ended: ${JSON.stringify(reason)}`);
      yield* self.sleep(10);
    });
    expect(said).toEqual(["a 1", 'a has ended: "bored"', expect.stringMatching(/^b \d+/)]);
  });

  test("elected: told to end, it ends its actor first, one that will not by force, and the next one need not wait", async () => {
    for (const stubborn of [false, true]) {
      const said = await play(function* ({ self, said, terms, join }) {
        const a = join("a", stubborn);
        yield* self.sleep(10);
        join("b");
        yield* self.sleep(100);
        const fromMs = self.now();
        self.exit(a, "shutdown");
        yield* self.receive("exit");
        said.push(`a has ended within ${Math.ceil((self.now() - fromMs) / 100) * 100} ms`);
        expect(terms[0]?.holds).toBe(false);
        yield* self.sleep(10);
      });
      expect(said).toEqual([
        "a 1",
        'a is to end: "shutdown"',
        `a has ended within ${stubborn ? 200 : 0} ms`,
        expect.stringMatching(/^b \d+/),
      ]);
    }
  });

  test("elected: without its keeper the actor is asked to end before the lease runs out, and killed when it does", async () => {
    for (const stubborn of [false, true]) {
      const said = await play(function* ({ self, keeper, said, terms, join }) {
        const a = join("a", stubborn);
        yield* self.sleep(10);
        const startMs = self.now();
        self.exit(keeper, "kill");
        yield* self.sleep(650);
        said.push(`${terms[0]?.holds}`);
        yield* self.sleep(100);
        said.push((yield* self.call(a, "status")).state);
        yield* self.sleep(200);
        const status = yield* self.call(a, "status");
        expect(status.problem).toMatch(/^LEASE_STORE/);
        expect(status).toMatchObject({ state: "candidate", token: undefined, leader: undefined });
        said.push(`${terms[0]?.holds} ${self.now() - startMs < 1000}`);
      });
      expect(said).toEqual([
        "a 1",
        "true",
        'a is to end: "shutdown"',
        stubborn ? "stopping" : "candidate",
        "false true",
      ]);
    }
  });

  test("elected: an actor whose lease is taken away is killed at once, one that was asked to resign when its time is over", async () => {
    await play(function* ({ self, store, join }) {
      const a = join("a", true);
      yield* self.sleep(10);
      const { leader } = yield* self.call(a, "status");
      if (leader === undefined) throw new Error("no leader");
      const monitor = self.monitor(leader);
      const startMs = self.now();
      yield* self.until(store.delete("lease.it", 1));
      yield* self.receive({ down: (down) => down.monitor === monitor });
      expect(self.now() - startMs).toBeLessThan(20);
      // Nobody else came: it has it again, under another token.
      yield* self.sleep(100);
      const { leader: next, token } = yield* self.call(a, "status");
      if (next === undefined) throw new Error("no leader");
      expect(token).toBeGreaterThan(1);
      const later = self.monitor(next);
      const resignMs = self.now();
      self.cast(a, "resign");
      yield* self.receive({ down: (down) => down.monitor === later });
      expect(self.now() - resignMs).toBeGreaterThanOrEqual(200);
      expect(self.now() - resignMs).toBeLessThan(220);
    });
  });

  test("elected: one whose actor is killed from outside ends with it; killed itself, it takes the actor along", async () => {
    await play(function* ({ self, join }) {
      const a = join("a");
      yield* self.sleep(10);
      const { leader } = yield* self.call(a, "status");
      if (leader === undefined) throw new Error("no leader");
      self.exit(leader, "kill");
      expect((yield* self.receive("exit")).reason).toBe("killed");
      const b = join("b");
      yield* self.sleep(10);
      const next = yield* self.call(b, "status");
      if (next.leader === undefined) throw new Error("no leader");
      const monitor = self.monitor(next.leader);
      self.exit(b, "kill");
      yield* self.receive({ down: (down) => down.monitor === monitor });
    });
  });

  test("elected: a name that cannot be one, and times that do not fit, are refused at once; of a keeper by name", async () => {
    const actor = process(function* (self: Self<never>, _term: Term): Steps {
      yield* self.sleep(1);
    });
    const refused = expect.objectContaining({ code: "LEASE_OPTION" });
    for (const wrong of [{ name: "a.*" }, { ttlMs: 1 }, { stopMs: 600 }, { stopMs: -1 }])
      expect(() => elected(actor, { ...options, ...wrong })).toThrow(refused);
    await play(function* ({ self, keeper }) {
      try {
        yield* self.call(keeper, "holder", "a.*");
        throw new Error("it was answered");
      } catch (problem) {
        expect(problem).toMatchObject({ code: "CALL_EXIT", details: { reason: { code: "LEASE_OPTION" } } });
      }
      expect(yield* self.call(keeper, "holder", "a")).toBeUndefined();
    });
  });
});

const faults: FaultOptions = {
  kill: { everyMs: 4000 },
  pause: { everyMs: 1500, forMs: [1, 4000] },
  cut: { everyMs: 5000 },
  hold: { everyMs: 1000, forMs: [1, 3000] },
  slow: { everyMs: 2000 },
  crash: { everyMs: 3000 },
};

async function runTowns(seeds: number, more: FaultOptions, isRight: (journal: Journal) => boolean) {
  let [terms, stale] = [0, 0];
  for (let seed = 1; seed <= seeds; seed++) {
    const journal = new Journal();
    await simulate(town(journal), {
      seed,
      untilMs: 6000,
      faults: { ...faults, ...more },
      invariants: { "one at a time": () => isRight(journal) },
      repeat: () => `seed ${seed} of runTowns in test/src/cluster/elected.test.ts`,
    });
    terms += journal.tokens.length;
    stale += journal.stale;
  }
  return { terms, stale };
}

describe("elected, under faults", () => {
  test("elected: VMs killed, paused, cut and held apart: the actors act one after the other, with greater tokens", async () => {
    const { terms } = await runTowns(30, {}, ({ wrong, stale }) => wrong.length === 0 && stale === 0);
    expect(terms).toBeGreaterThan(50);
  });

  test("elected: where clocks jump two may act for a while, and never with one token", async () => {
    const { stale } = await runTowns(30, { jump: { everyMs: 1000 } }, ({ wrong }) => wrong.length === 0);
    expect(stale).toBeGreaterThan(0);
  });
});
