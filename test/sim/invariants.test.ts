import { afterEach, describe, expect, test, vi } from "vitest";
import type { Cell } from "../../kernel/index.ts";
import { ActorSelf } from "../../kernel/actor-self.ts";
import { Peers } from "../../kernel/peers.ts";
import { ChildTable } from "../../supervisors/child-table.ts";
import { Tree } from "../../supervisors/tree.ts";
import { digest } from "../../src/testing/invariants/digest.ts";
import { Incarnations } from "../../src/testing/invariants/incarnations.ts";
import { Ledger } from "../../src/testing/invariants/ledger.ts";
import { SimKernel } from "../../src/testing/sim-kernel.ts";
import { Simulator } from "../../src/testing/simulator.ts";
import { runSeed } from "./seed.ts";

/** What is found within some seeds of a program whose runtime is broken. */
async function found(name: string): Promise<string> {
  for (let seed = 1; seed <= 40; seed++) {
    try {
      await runSeed(name, seed);
    } catch (problem) {
      return problem instanceof Error ? (problem.message.split("\n", 1)[0] ?? "") : String(problem);
    }
  }
  return "nothing";
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("invariants: a runtime that breaks one is found out", () => {
  test("the loss of a VM is not told", async () => {
    vi.spyOn(Peers.prototype, "lost").mockImplementation(() => {});
    expect(await found("bonds")).toMatch(/invariant "(a loss is told|links fire|monitors fire|no leaks)"/);
  });

  test("a monitor fires twice", async () => {
    const { down } = SimKernel.prototype;
    vi.spyOn(SimKernel.prototype, "down").mockImplementation(function (this: SimKernel, ...told) {
      down.apply(this, told);
      down.apply(this, told);
    });
    expect(await found("bonds")).toMatch(/invariant "monitors fire/);
  });

  test("timers outlive their actors", async () => {
    vi.spyOn(ActorSelf.prototype, "cancelTimers").mockImplementation(() => {});
    expect(await found("forest")).toContain('invariant "no leaks"');
  });

  test("a supervisor restarts more often than it may", async () => {
    vi.spyOn(Tree.prototype, "intensity", "get").mockReturnValue({ restarts: 0, withinMs: 1000 });
    expect(await found("forest")).toContain('invariant "restart intensity"');
  });

  test("children are stopped in the order of their start", async () => {
    const inOrder = ChildTable.prototype.inOrder;
    vi.spyOn(ChildTable.prototype, "inOrder").mockImplementation(function (this: ChildTable) {
      return inOrder.call(this).reverse();
    });
    expect(await found("forest")).toContain('invariant "shutdown order"');
  });

  test("an earlier incarnation of a child is still alive", async () => {
    vi.spyOn(Simulator.prototype, "isAlive").mockReturnValue(true);
    expect(await found("ping-pong")).toContain('invariant "one incarnation of a child"');
  });
});

describe("ledger: what arrives is the first of what was sent", () => {
  function ledger(): { readonly ledger: Ledger; readonly wrong: string[] } {
    const wrong: string[] = [];
    return {
      ledger: new Ledger("vm1 to vm2", (invariant, detail) => wrong.push(`${invariant}: ${detail}`)),
      wrong,
    };
  }

  test("ledger: in order, all is well", () => {
    const { ledger: book, wrong } = ledger();
    for (let n = 0; n < 200; n++) book.message(n, { type: "x" });
    for (let n = 0; n < 200; n++) book.messageArrived(n, { type: "x" });
    expect(wrong).toEqual([]);
  });

  test.each([
    ["overtaken", [2, 1]],
    ["lost in between", [1, 3]],
    ["twice", [1, 1]],
    ["out of nothing", [1, 2, 3, 4]],
  ])("ledger: %s", (_what, arrivals) => {
    const { ledger: book, wrong } = ledger();
    for (const n of [1, 2, 3]) book.call(n, 9, n, "op", [n]);
    for (const n of arrivals) book.callArrived(n, 9, n, "op", [n]);
    expect(wrong[0]).toContain("signal order: vm1 to vm2");
  });

  test("ledger: changed on the way", () => {
    const { ledger: book, wrong } = ledger();
    book.reply(1, true, { name: "Ann", n: 1 });
    book.replyArrived(1, true, { name: "Ann", n: 2 });
    expect(wrong).toHaveLength(1);
  });
});

describe("digest", () => {
  test("digest: a copy says the same, whatever the order of its keys; another value does not", () => {
    const value = { a: 1, b: ["x", null, true], c: { d: -0.5 } };
    expect(digest({ c: { d: -0.5 }, b: ["x", null, true], a: 1 })).toBe(digest(value));
    const others = [
      { ...value, a: 2 },
      { ...value, b: ["x"] },
      { ...value, c: { d: 0.5 } },
      {},
      [],
      "a",
      1,
      null,
    ];
    expect(new Set([value, ...others].map((each) => digest(each))).size).toBe(others.length + 1);
  });
});

describe("incarnations", () => {
  test("incarnations: a number that comes again, and a message for one that has ended", () => {
    const wrong: string[] = [];
    const incarnations = new Incarnations((invariant) => wrong.push(invariant));
    incarnations.vm("vm1");
    incarnations.vm("vm1");
    expect(wrong).toEqual(["one incarnation a number"]);
    const dead = { ref: { cell: null, toString: () => "<1.5>" }, kernel: { entry: () => undefined } };
    incarnations.receives(dead as unknown as Cell);
    expect(wrong).toEqual(["one incarnation a number", "no message to another incarnation"]);
  });
});
