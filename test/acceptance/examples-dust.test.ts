/** `examples/dust`: the show with a few motes. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Running } from "../support/motes.ts";
import { missingNats } from "../support/nats-server.ts";
import { leftToCi, testWith } from "../support/required.ts";

const main = fileURLToPath(new URL("../../dist/examples/dust/main.js", import.meta.url));
const missing = leftToCi(missingNats, "half a minute");

testWith(
  missing,
  "examples: dust is there, is there again after a host was killed, and leaves nothing",
  async () => {
    const ran = await new Running(main, ["--vms", "60"]).ended;
    expect(ran.stdout).not.toContain("  NO  ");
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/60 motes are up after [\d.]+ s/);
    expect(ran.stdout).toMatch(/all are there again [\d.]+ s after it was noticed/);
  },
  90_000,
);

test("examples: dust refuses a number of motes that makes no sense", async () => {
  const ran = await new Running(main, ["--vms", "some"]).ended;
  expect(ran).toMatchObject({ code: 2, stdout: "" });
  expect(ran.stderr).toMatch(/^--vms: expected 3 or more, got some/);
});
