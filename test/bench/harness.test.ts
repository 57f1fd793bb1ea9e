/** The harness against contenders of a few lines, each a real process. */
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Bench, type Contender, rate, triangle } from "./bench.ts";
import { runBench } from "./harness.ts";

/** A contender whose program is this text; `count` is the amount of work it was asked for. */
function script(name: string, text: string, onPrepare?: (directory: string) => void): Contender {
  const whole = `const count = Number(process.argv.at(-1)); ${text}`;
  const prepare = (directory: string) => {
    onPrepare?.(directory);
    return Promise.resolve({ file: process.execPath, args: ["-e", whole, "--"] });
  };
  return { name, role: "peer", count: 40, program: { prepare } };
}

const HONEST =
  "console.log(JSON.stringify({ work: count, elapsedNs: 1e9, check: String(count * (count + 1) / 2) }));";

function bench(...contenders: Contender[]): Bench {
  return {
    name: "example",
    about: "an example",
    figures: [rate("speed", "things/s")],
    check: (count) => String(triangle(count)),
    contenders,
  };
}

describe("bench harness", () => {
  test("rounds: contenders take turns, and the run's directory is gone afterwards", async () => {
    const outside = await mkdtemp(join(tmpdir(), "motes-bench-test-"));
    const log = JSON.stringify(join(outside, "log"));
    const noting = (name: string) => `require("fs").appendFileSync(${log}, "${name}"); ${HONEST}`;
    let directory = "";
    const a = script("a", noting("A"), (given) => {
      directory = given;
    });
    try {
      const result = await runBench(bench(a, script("b", noting("B"))), { rounds: 3, quick: false });
      expect(readFileSync(join(outside, "log"), "utf8")).toBe("ABABAB");
      expect(result.contenders.map(({ values }) => values)).toEqual([
        { speed: [40, 40, 40] },
        { speed: [40, 40, 40] },
      ]);
      expect(directory).not.toBe("");
      expect(existsSync(directory)).toBe(false);
    } finally {
      await rm(outside, { recursive: true });
    }
  });

  test("quick: asks for a twentieth of the work", async () => {
    const result = await runBench(bench(script("a", HONEST)), { rounds: 1, quick: true });
    expect(result.contenders[0]).toMatchObject({ count: 2, check: "3", values: { speed: [2] } });
  });

  test("skipped: a contender that cannot run here keeps its reason and fails nothing", async () => {
    const absent: Contender = {
      name: "absent",
      role: "peer",
      count: 1,
      program: { prepare: () => Promise.resolve({ skipped: "not here" }) },
    };
    const result = await runBench(bench(absent, script("a", HONEST)), { rounds: 1, quick: false });
    expect(result.contenders.map(({ skipped }) => skipped)).toEqual(["not here", null]);
  });

  test.each([
    [
      "too little work",
      "console.log(JSON.stringify({ work: 1, elapsedNs: 1, check: '1' }));",
      "asked for 40 units",
    ],
    [
      "other work",
      "console.log(JSON.stringify({ work: count, elapsedNs: 1, check: '1' }));",
      "with checksum 820, got 40 with 1",
    ],
    ["no sample", "console.log('done');", "must be a sample in JSON, got:\ndone"],
    ["a crash", "throw new Error('broken on purpose');", "broken on purpose"],
    ["a signal", "process.kill(process.pid, 'SIGKILL');", "was ended by SIGKILL"],
  ])("failure: %s fails the bench and says what happened", async (_, text, message) => {
    await expect(runBench(bench(script("a", text)), { rounds: 1, quick: false })).rejects.toThrow(message);
  });
});
