import { describe, expect, test } from "vitest";
import { actor, behaviorOf, type Cast, CastMessage, type Ref, refTo } from "../../kernel/index.ts";
import { probe, run } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

describe("root", () => {
  test("root: its end is the VM's: all others end, in reverse order, and it halts once", () => {
    const { kernel, platform } = testKernel();
    const order: string[] = [];
    let halts = 0;
    platform.halt = (reason) => {
      halts++;
      order.push(`halt ${String(reason)}`);
    };
    const other = actor({
      init: (me, label: string) => {
        me.trapExits();
        me.signal.addEventListener("abort", () => order.push(`${label} ${String(me.signal.reason)}`));
      },
    });
    const root = kernel.root.spawn(
      actor({
        init: (me) => {
          me.spawn(other, "first");
          me.spawnLink(other, "second");
          me.sendAfter(10, me.ref, undefined as never);
        },
        cast: {
          end() {
            this.stop("over");
          },
        },
      }) as never,
      [],
      null,
    );
    run(kernel);
    kernel.deliver(root, new CastMessage("end", []));
    run(kernel);
    run(kernel);
    expect(order).toEqual(["second shutdown", "first shutdown", "halt over"]);
    expect([halts, [...kernel.actors()].length, kernel.timers.size]).toEqual([1, 0, 0]);
  });

  test("root: what it left unread is reported, and of the others nothing is", () => {
    const { kernel, platform } = testKernel();
    const root = kernel.root.spawn(
      behaviorOf(actor({ init: () => ({}), cast: { next: () => {} } })),
      [],
      null,
    );
    const other = probe(kernel);
    run(kernel);
    other.self.cast(refTo<Cast<"next", []>>(root.ref), "next");
    other.self.cast(other.self.ref as Ref<never> as Ref<Cast<"next", []>>, "next");
    other.self.exit(refTo<never>(root.ref), "kill");
    run(kernel);
    const letters = platform.events.filter(({ type }) => type === "dead-letter");
    expect(letters).toMatchObject([{ to: "<1.1>", count: 1, why: "died with it unread" }]);
  });
});
