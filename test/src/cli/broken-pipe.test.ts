import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Machine } from "../../support/machine.ts";
import { motes } from "../../support/motes.ts";
import { fixture } from "../lab.ts";

describe("output that nobody reads any more", () => {
  const here = new Machine();
  /** `motes ... | head -1`: ends when both have. The status of the first one follows on standard error. */
  const headOf = async (...args: readonly string[]) =>
    motes(args, { MOTES_RUNTIME_DIR: here.folder }, [
      "bash",
      "-c",
      '"$@" | head -1; echo "status ${PIPESTATUS[0]}" >&2',
      "bash",
    ]).ended;

  test("a cloud goes down in order", async () => {
    const { stdout, stderr } = await headOf("cloud", "up", fixture("cloud/dust"));
    expect(stdout).toMatch(/^.* leads \(term 1\)\n$/);
    expect(stderr).toMatch(/^status [01]\n$/);
    expect(readdirSync(here.folder)).toEqual([]);
  });

  test.each([["--json"], []])("a program ends, with its log as text or JSON", async (...options) => {
    const { stdout, stderr } = await headOf("run", fixture("chatty"), ...options);
    expect(stdout.split("\n")).toHaveLength(2);
    expect(stderr).toMatch(/^status \d+\n$/);
    expect(readdirSync(here.folder)).toEqual([]);
  });
});
