import { describe, expect, test } from "vitest";
import { actor, exit, shutdown, type ExitReason } from "../../kernel/index.ts";
import { isAlive, probe, run } from "../support/probe.ts";
import { testKernel } from "../support/test-platform.ts";

describe("exit signals, by OTP's table", () => {
  const cases: readonly {
    readonly what: string;
    readonly reason: ExitReason;
    readonly trapping: boolean;
    readonly lives: boolean;
    readonly heard: readonly string[];
  }[] = [
    {
      what: "normal is nothing to one who does not trap",
      reason: "normal",
      trapping: false,
      lives: true,
      heard: [],
    },
    {
      what: "normal is a message to one who traps",
      reason: "normal",
      trapping: true,
      lives: true,
      heard: ["exit <1.1> normal"],
    },
    { what: "another ends one who does not trap", reason: "boom", trapping: false, lives: false, heard: [] },
    {
      what: "another is a message to one who traps",
      reason: "boom",
      trapping: true,
      lives: true,
      heard: ["exit <1.1> boom"],
    },
    {
      what: "shutdown ends one who does not trap",
      reason: shutdown("x"),
      trapping: false,
      lives: false,
      heard: [],
    },
    { what: "kill ends one who does not trap", reason: "kill", trapping: false, lives: false, heard: [] },
    { what: "kill ends one who traps", reason: "kill", trapping: true, lives: false, heard: [] },
    {
      what: "killed is an ordinary reason",
      reason: "killed",
      trapping: true,
      lives: true,
      heard: ["exit <1.1> killed"],
    },
  ];
  for (const { what, reason, trapping, lives, heard } of cases) {
    test(`exit: ${what}`, () => {
      const { kernel } = testKernel();
      const sender = probe(kernel);
      const victim = probe(kernel, trapping);
      const watch = probe(kernel);
      watch.self.monitor(victim.self.ref);
      sender.self.exit(victim.self.ref, reason);
      run(kernel);
      expect(isAlive(kernel, victim.self.ref)).toBe(lives);
      expect(victim.heard).toEqual(heard);
      const seen = reason === "kill" ? "killed" : typeof reason === "string" ? reason : "shutdown: x";
      expect(watch.heard).toEqual(lives ? [] : [`down <1.2> ${seen}`]);
    });
  }

  test("exit: to oneself, normal ends one who does not trap and is a message to one who does", () => {
    const { kernel } = testKernel();
    const [plain, trapping] = [probe(kernel, false), probe(kernel)];
    plain.self.exit(plain.self.ref, "normal");
    trapping.self.exit(trapping.self.ref, "normal");
    run(kernel);
    expect(isAlive(kernel, plain.self.ref)).toBe(false);
    expect(trapping.heard).toEqual(["exit <1.2> normal"]);
  });

  test("exit: to oneself, kill cannot be trapped", () => {
    const { kernel } = testKernel();
    const { self } = probe(kernel);
    self.exit(self.ref, "kill");
    expect(isAlive(kernel, self.ref)).toBe(false);
  });

  test("exit: to the dead is nothing", () => {
    const { kernel, platform } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel)];
    b.self.exit(b.self.ref, "kill");
    a.self.exit(b.self.ref, "kill");
    run(kernel);
    expect(a.heard).toEqual([]);
    expect(platform.events).toEqual([]);
  });

  test("exit: whether it traps is asked when the signal comes", () => {
    const { kernel } = testKernel();
    const [a, b] = [probe(kernel), probe(kernel, true)];
    a.self.exit(b.self.ref, "one");
    b.self.trapExits(false);
    a.self.exit(b.self.ref, "two");
    run(kernel);
    expect(isAlive(kernel, b.self.ref)).toBe(false);
    expect(b.heard).toEqual([]);
  });

  test("exit: thrown, its reason passes unchanged, and no rule of signals applies to it", () => {
    const { kernel } = testKernel();
    for (const reason of ["normal", "kill", "shutdown", shutdown(1), "mine"] as const) {
      const watch = probe(kernel);
      const quitter = actor({ init: () => exit(reason) });
      watch.self.trapExits();
      watch.self.spawnLink(quitter);
      run(kernel);
      expect(watch.heard.map((line) => line.replace(/<.*> /, ""))).toEqual([
        `exit ${typeof reason === "string" ? reason : "shutdown: 1"}`,
      ]);
    }
  });

  test("exit: an error is a crash with its name, text and code, and is reported", () => {
    const { kernel, platform } = testKernel();
    const { self, downs } = probe(kernel);
    const faulty = actor({
      init: () => {
        throw Object.assign(new RangeError("too far"), { code: "FAR" });
      },
      label: "faulty",
    });
    self.spawnMonitor(faulty);
    run(kernel);
    const crash = { type: "crash", name: "RangeError", message: "too far", code: "FAR" };
    expect(downs[0]?.reason).toMatchObject(crash);
    expect(platform.events).toMatchObject([
      { type: "crash", label: "faulty", reason: crash, parent: "<1.1>" },
    ]);
  });
});
