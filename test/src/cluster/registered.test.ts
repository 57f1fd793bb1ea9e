import { expect, test } from "vitest";
import { process, type Ref, type Self, type Wait } from "../../../kernel/index.ts";
import { clusterName, registered, whereis } from "../../../src/cluster/index.ts";
import { options, play, type Steps, type Told } from "./scene.ts";

const counters = clusterName<Told>("it");

const idle = process(function* (self: Self<Told>): Steps {
  yield* self.receive("told");
});

test("registered: gives an actor a name, and refuses it to a second one until the first has ended", async () => {
  await play(function* ({ self, keeper }) {
    const naming = registered({ ...options, name: counters });
    const [one, two] = [self.spawn(idle), self.spawn(idle)];
    yield* self.start(naming, keeper, one);
    const found = yield* whereis(self, counters);
    expect(found?.ref.serial).toBe(one.serial);
    try {
      yield* self.start(naming, keeper, two);
      throw new Error("it was granted");
    } catch (problem) {
      expect(problem).toMatchObject({ code: "START_FAILED", details: { reason: { code: "LEASE_TAKEN" } } });
    }
    self.send(one, { type: "told", what: "end" });
    yield* self.receive({ exit: ({ reason }) => reason === "normal" });
    yield* self.start(naming, keeper, two);
    expect((yield* whereis(self, counters))?.ref.serial).toBe(two.serial);
  });
});

test("registered: who loses the name is stopped, and so is who is told to resign", async () => {
  for (const how of ["resign", "lose"]) {
    await play(function* ({ self, keeper }) {
      const one = self.spawn(idle);
      const monitor = self.monitor(one);
      const { ref } = yield* self.start(registered({ ...options, name: counters }), keeper, one);
      const startMs = self.now();
      if (how === "resign") self.cast(ref, "resign");
      else self.exit(keeper, "kill");
      yield* self.receive({ down: (down) => down.monitor === monitor });
      expect(self.now() - startMs).toBeLessThan(how === "resign" ? 50 : 901);
      const exit = yield* self.receive({ exit: ({ from }) => from.serial === ref.serial }, 300);
      expect(exit).toBeDefined();
    });
  }
});

test("registered: without a store, or of an actor of another VM, it does not start", async () => {
  await play(function* ({ self, keeper }) {
    const naming = registered({ ...options, name: counters });
    const failure = function* (actor: Ref<never>): Generator<Wait<unknown>, unknown, unknown> {
      try {
        yield* self.start(naming, keeper, actor as Ref<Told>);
      } catch (problem) {
        return problem;
      }
      return undefined;
    };
    const code = (text: string) => ({ code: "START_FAILED", details: { reason: { code: text } } });
    expect(yield* failure(self.host)).toMatchObject(code("LEASE_OPTION"));
    self.exit(keeper, "kill");
    expect(yield* failure(self.spawn(idle))).toMatchObject(code("LEASE_STORE"));
  });
});
