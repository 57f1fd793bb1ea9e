import { describe, expect, test } from "vitest";
import { actor, process, exit, type Self, type Wait } from "../../kernel/index.ts";
import { child, startChild, supervisor, dynamicSupervisor, template } from "../../supervisors/index.ts";
import { testKernel } from "../support/test-platform.ts";
import { behaviorOf } from "../../kernel/index.ts";

const counter = actor({
  init: (_self, start: number) => ({ n: start }),
  call: { get: (state) => state.n, add: (state, by: number) => (state.n += by) },
  cast: {
    crash: (_state) => {
      exit("boom");
    },
  },
});

describe("supervisor", () => {
  test("supervisor: the address of a child follows it over a restart", async () => {
    const { kernel, settle } = testKernel();
    const seen: unknown[] = [];
    const store = child(counter, [7]);
    const reader = actor({
      init: function* (self, from: import("../../kernel/index.ts").Ref<import("../../kernel/index.ts").ProtocolOf<typeof counter>>) {
        return { n: yield* self.call(from, "get") };
      },
      call: { n: (state) => state.n },
    });
    const tree = supervisor({ children: { store, reader: child(reader, (siblings) => [siblings.refOf(store)]) } });
    const main = process(function* (self: Self<never>): Generator<Wait<unknown>, void, unknown> {
      self.trapExits();
      const { ref, children } = yield* self.start(tree);
      seen.push(yield* self.call(children.store, "add", 1));
      seen.push(yield* self.call(children.reader, "n"));
      self.cast(children.store, "crash");
      yield* self.sleep(1);
      seen.push(yield* self.call(children.store, "get"));
      const added = yield* startChild(self, ref, "extra", child(counter, [3]));
      if (added.ok) seen.push(yield* self.call(added.ref, "get"));
      seen.push((yield* self.call(ref, "whichChildren")).map(({ id, state }) => `${id} ${state}`));
      const pool = yield* self.start(dynamicSupervisor({ child: template(counter) }));
      const one = yield* self.call(pool.ref, "startChild", 11);
      if (one.ok) seen.push(yield* self.call(one.ref, "get"));
      seen.push(yield* self.call(pool.ref, "countChildren"));
      self.exit(ref, "shutdown");
      const gone = yield* self.receive("exit");
      seen.push(gone.reason);
    });
    kernel.spawn(behaviorOf(main), [], null);
    for (let i = 0; i < 3; i++) {
      await settle();
    }
    const clock = kernel.platform as unknown as { nowMs: number };
    clock.nowMs += 1;
    await settle();
    expect(seen).toEqual([8, 7, 7, 3, ["extra running", "reader running", "store running"], 11, { specs: 1, active: 1, supervisors: 0, workers: 1 }, "shutdown"]);
  });
});
