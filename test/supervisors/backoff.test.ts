import { describe, expect, test } from "vitest";
import { actor, exit } from "../../kernel/index.ts";
import { child, supervisor } from "../../supervisors/index.ts";
import { backoffMs, failuresInRow } from "../../supervisors/backoff.ts";
import { Stage } from "./stage.ts";

describe("backoff", () => {
  test("backoff: waits grow by the factor up to the bound", () => {
    const backoff = { firstMs: 100, maxMs: 1000 };
    expect([1, 2, 3, 4, 5, 60].map((n) => backoffMs(backoff, n))).toEqual([100, 200, 400, 800, 1000, 1000]);
    expect(backoffMs({ ...backoff, factor: 1 }, 9)).toBe(100);
  });

  test("backoff: a child that lived long enough begins anew", () => {
    const backoff = { firstMs: 100, maxMs: 1000 };
    expect(failuresInRow(backoff, 3, 999)).toBe(4);
    expect(failuresInRow(backoff, 3, 1000)).toBe(1);
    expect(failuresInRow({ ...backoff, resetAfterMs: 10 }, 3, 10)).toBe(1);
  });

  test("backoff: meanwhile the child is restarting, and may be cancelled", () => {
    const stage = new Stage();
    const { self } = stage;
    const born: number[] = [];
    const loop = actor({
      init: (own) => {
        born.push(own.now());
        return {};
      },
      cast: {
        crash: (_state) => {
          exit("boom");
        },
      },
    });
    const { ref, children } = stage.start(
      supervisor({
        intensity: { restarts: 9, withinMs: 1000 },
        crashLoopAfter: 2,
        children: { a: child(loop, [], { backoff: { firstMs: 100, maxMs: 1000 } }) },
      }),
    );
    const stateOf = (): string | undefined => stage.result(self.call(ref, "whichChildren"))[0]?.state;
    self.cast(children.a, "crash");
    stage.advance(0);
    expect(stateOf()).toBe("restarting");
    stage.advance(99);
    expect(stateOf()).toBe("restarting");
    stage.advance(1);
    expect(stateOf()).toBe("running");
    self.cast(children.a, "crash");
    stage.advance(200);
    expect(born).toEqual([0, 100, 300]);
    expect(stage.reports()).toEqual([
      "child_terminated a boom",
      "child_terminated a boom",
      "crash_loop a boom",
    ]);
    self.cast(children.a, "crash");
    stage.kernel.runReady();
    stage.result(self.call(ref, "terminateChild", "a"));
    stage.advance(10_000);
    expect(stateOf()).toBe("stopped");
    expect(born.length).toBe(3);
  });
});
