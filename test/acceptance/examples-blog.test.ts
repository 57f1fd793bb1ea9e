/** `examples/blog`: the show in short, as a child process whose output is piped, and what it draws. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { html } from "../../examples/blog/markdown.ts";
import { totals } from "../../examples/blog/sums.ts";
import { Running } from "../support/motes.ts";

const main = fileURLToPath(new URL("../../dist/examples/blog/main.js", import.meta.url));

describe("examples: the blog", () => {
  test("is summoned, grows, is replaced, shrinks and ends, and no request fails", async () => {
    const folder = mkdtempSync(join(tmpdir(), "motes-blog-"));
    try {
      const picture = join(folder, "blog.svg");
      const ran = await new Running(main, ["--short", "--picture", picture]).ended;
      expect(ran.stdout).not.toContain("  NO  ");
      expect(ran).toMatchObject({ code: 0, stderr: "" });
      expect(ran.stdout.match(/^ {2}ok {2}/gm)).toHaveLength(5);
      expect(ran.stdout).toMatch(/^requests +[\d,]+ sent, 0 failed$/m);
      const steps = ["summoned", "ready", "scaled", "flipped", "replaced", "reaped", "stopped"];
      for (const step of steps) expect(ran.stdout).toMatch(new RegExp(`^ +[\\d.]+ s +${step} `, "m"));
      const svg = readFileSync(picture, "utf8");
      expect(svg).toMatch(/^<svg [^]*<\/svg>\n$/);
      for (const text of ["the first reader", "a new version", "they leave"])
        expect(svg).toContain(`>${text}</text>`);
      expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }, 60_000);

  test("an option that it does not know is refused with status 2", async () => {
    const ran = await new Running(main, ["--shrot"]).ended;
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toMatch(/Unknown option '--shrot'/);
  });

  test("a post is Markdown, and what looks like HTML in it is text", () => {
    expect(html("# A *b* `<i>*c*`\n\n- [d](/e)\n- **f** <b>\n\n[g](javascript:h) & i")).toBe(
      '<h1>A <em>b</em> <code>&lt;i&gt;*c*</code></h1>\n<ul><li><a href="/e">d</a></li><li><strong>f</strong> &lt;b&gt;</li></ul>\n' +
        "<p>[g](javascript:h) &amp; i</p>",
    );
  });

  test("sums are of all slices, and of none when nobody came", () => {
    const slice = (latenciesMs: number[], failures: string[]) => ({
      atMs: 0,
      readers: 1,
      latenciesMs,
      failures,
    });
    expect(totals([slice([3, 1], ["a"]), slice([2, 4], ["a", "b"])])).toEqual({
      answered: 4,
      failed: 3,
      failures: new Map([
        ["a", 2],
        ["b", 1],
      ]),
      p50: 3,
      p95: 4,
      p99: 4,
      longest: 4,
    });
    expect(totals([])).toMatchObject({ answered: 0, failed: 0, p50: 0, longest: 0 });
  });
});
