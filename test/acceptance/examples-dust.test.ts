/** `examples/dust`: the show with a few motes. */
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { Story } from "../../examples/dust/story.ts";
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

test("examples: dust without nats-server says so, and ends", async () => {
  const ran = await new Running(main, ["--vms", "3"], { PATH: "/nowhere" }).ended;
  expect(ran).toEqual({ code: 1, stdout: "", stderr: "nats-server is not installed: npm run setup\n" });
});

test("examples: all who wait for what dust's hosts say hear it, and that it will never be said", async () => {
  let nowMs = 0;
  const story = new Story(() => ++nowMs);
  const all = [story.when("host_up", 0, "a"), story.when("host_up", 0, "b"), story.when("converged", 0)];
  story.hear("a", { type: "host_up", host: "a" });
  story.hear("a", { type: "host_up", host: "b" });
  expect(await Promise.all(all.slice(0, 2))).toEqual([1, 2]);
  story.fail(new Error("host a has ended by itself"));
  await expect(all[2]).rejects.toThrow("host a has ended by itself");
  expect(await story.when("host_up", 1)).toBe(2);
  await expect(story.when("host_up", 2)).rejects.toThrow("by itself");
});
