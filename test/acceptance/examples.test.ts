import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { motes, Running } from "../support/motes.ts";

const example = (path: string): string => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));
const tour = fileURLToPath(new URL("../../dist/examples/tour/main.js", import.meta.url));

describe("examples", () => {
  test("ping-pong plays in one VM and between two", async () => {
    const ran = await motes(["run", example("ping-pong/app.ts")]).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(
      /in one VM: +[\d,]+ round trips a second\n.*between two: +[\d,]+ round trips a second\n$/,
    );
  });

  test("the tour heals everything it breaks, within 30 s, and says so plainly when piped", async () => {
    const startMs = performance.now();
    const ran = await new Running(tour, []).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(performance.now() - startMs).toBeLessThan(30_000);
    expect(ran.stdout).not.toContain("\u001b[");
    expect(ran.stdout.match(/restarted +shard-\d/g)).toHaveLength(3);
    expect(ran.stdout).toContain("All of it healed.");
    expect(ran.stdout).toContain("left behind: 0 VMs, 0 timers, 0 calls, 0 bonds");
  }, 40_000);

  test("the service: puts, gets, deletes and refuses over HTTP until Ctrl-C", async () => {
    const running = new Running(tour, ["--serve", "--port", "0"]);
    const [, origin = ""] = await running.says(/(http:\/\/127\.0\.0\.1:\d+)/);
    const at = (key: string): string => `${origin}/kv/${encodeURIComponent(key)}`;
    const status = async (url: string, init?: RequestInit): Promise<number> =>
      (await fetch(url, init)).status;
    for (const key of ["a", "b c", "ä/ö", "d".repeat(500)]) {
      expect(await status(at(key), { method: "PUT", body: `value of ${key}` })).toBe(204);
      expect(await (await fetch(at(key))).text()).toBe(`value of ${key}`);
      expect(await status(at(key), { method: "DELETE" })).toBe(204);
      expect(await status(at(key))).toBe(404);
    }
    expect(await status(at("a"), { method: "PATCH" })).toBe(405);
    expect(await status(`${origin}/elsewhere`)).toBe(404);
    expect(await status(`${origin}/kv/%`)).toBe(404);
    expect(await status(at("large"), { method: "PUT", body: "x".repeat(2 * 1024 * 1024) })).toBe(413);
    running.interrupt();
    expect(await running.ended).toMatchObject({ code: 0, stderr: "" });
  });
});
