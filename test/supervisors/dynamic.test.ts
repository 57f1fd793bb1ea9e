import { describe, expect, test } from "vitest";
import { actor, exit, ignore, type Self } from "../../kernel/index.ts";
import { dynamicSupervisor, template } from "../../supervisors/index.ts";
import { Stage } from "./stage.ts";

const worker = actor({
  label: "worker",
  init: (_self, name: string, n: number) => (n < 0 ? ignore : { name, n }),
  call: { who: (state) => `${state.name} ${state.n++}` },
  cast: {
    crash: (_state) => {
      exit("boom");
    },
    stop(_state) {
      this.stop();
    },
  },
});

describe("dynamic", () => {
  test("dynamic: an instance is restarted with its own arguments, under its address", () => {
    const stage = new Stage();
    const { self } = stage;
    const { ref } = stage.start(dynamicSupervisor({ child: template(worker) }));
    const [ann, bob] = ["ann", "bob"].map((name) => stage.result(self.call(ref, "startChild", name, 1)));
    if (ann?.ok !== true || bob?.ok !== true) throw new Error("not started");
    expect(stage.result(self.call(ann.ref, "who"))).toBe("ann 1");
    self.cast(bob.ref, "crash");
    stage.advance(0);
    expect(stage.result(self.call(bob.ref, "who"))).toBe("bob 1");
    expect(stage.result(self.call(ann.ref, "who"))).toBe("ann 2");
    expect(stage.reports()).toEqual(["child_terminated worker boom"]);
  });

  test("dynamic: given arguments may be only a part of them", () => {
    const stage = new Stage();
    const pool = dynamicSupervisor({ child: template(worker, { args: (n: number) => ["fixed", n] }) });
    const { ref } = stage.start(pool);
    const started = stage.result(stage.self.call(ref, "startChild", 8));
    if (!started.ok) throw new Error(started.error);
    expect(stage.result(stage.self.call(started.ref, "who"))).toBe("fixed 8");
  });

  test("dynamic: terminated by address, dead ones are fine, strangers are not found", () => {
    const stage = new Stage();
    const { self } = stage;
    const { ref } = stage.start(dynamicSupervisor({ child: template(worker, { restart: "temporary" }) }));
    const started = stage.result(self.call(ref, "startChild", "x", 0));
    if (!started.ok) throw new Error(started.error);
    expect(stage.result(self.call(ref, "terminateChild", started.ref))).toEqual({ ok: true });
    expect(stage.result(self.call(ref, "terminateChild", started.ref))).toEqual({ ok: true });
    expect(stage.result(self.call(ref, "terminateChild", self.ref))).toEqual({
      ok: false,
      error: "not_found",
    });
    expect(stage.result(self.call(ref, "restartChild", "worker"))).toEqual({
      ok: false,
      error: "simple_one_for_one",
    });
    expect(stage.result(self.call(ref, "whichChildren"))).toEqual([]);
  });

  test.each(["permanent", "transient", "temporary"] as const)(
    "dynamic: %s ones leave nothing behind",
    (restart) => {
      const stage = new Stage();
      const { self } = stage;
      const { ref } = stage.start(
        dynamicSupervisor({
          child: template(worker, { restart }),
          intensity: { restarts: 99, withinMs: 1000 },
        }),
      );
      stage.result(self.call(ref, "countChildren"));
      const before = stage.cell.kernel.slot(stage.cell).ref.serial;
      for (let n = 0; n < 20; n++) {
        const started = stage.result(self.call(ref, "startChild", "x", n));
        if (!started.ok) throw new Error(started.error);
        self.cast(started.ref, "crash");
        stage.advance(0);
        stage.result(self.call(ref, "countChildren"));
        stage.result(self.call(ref, "terminateChild", started.ref));
        expect(stage.failure(self.call(started.ref, "who"))).toMatchObject({ details: { reason: "noproc" } });
      }
      const ignored = stage.result(self.call(ref, "startChild", "x", -1));
      expect(ignored.ok && ignored.incarnation).toBeUndefined();
      expect(stage.result(self.call(ref, "countChildren"))).toEqual({
        specs: 1,
        active: 0,
        supervisors: 0,
        workers: 0,
      });
      // Places of the dead are used again: a table that leaks would have grown by dozens.
      expect(stage.cell.kernel.slot(stage.cell).ref.serial % 2 ** 22).toBeLessThan(before + 6);
    },
  );

  test("dynamic: all are stopped at once, under one time-out", () => {
    const stage = new Stage();
    const stubborn = actor({
      label: "stubborn",
      init: (self: Self<never>) => {
        self.trapExits();
        return {};
      },
      *terminate() {
        yield* this.sleep(1_000_000);
      },
    });
    const pool = dynamicSupervisor({ child: template(stubborn, { shutdown: 100 }) });
    const { ref } = stage.start(pool);
    for (let n = 0; n < 5; n++) stage.result(stage.self.call(ref, "startChild"));
    const { ended } = stage;
    ended.length = 0;
    stage.self.exit(ref, "shutdown");
    stage.advance(99);
    expect(ended.length).toBe(0);
    stage.advance(1);
    expect(ended.length).toBe(6);
    expect(ended.at(-1)).toBe(ref.toString());
    expect(stage.reports()).toEqual(["shutdown_error stubborn killed"]);
  });
});
