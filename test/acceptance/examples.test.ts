/** The examples' programs and the tour, as child processes whose output is piped. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { motes, Running } from "../support/motes.ts";

const example = (path: string): string => fileURLToPath(new URL(`../../examples/${path}`, import.meta.url));
const tour = fileURLToPath(new URL("../../dist/examples/tour/main.js", import.meta.url));

/** What children that have ended have had of the machine: other than the time they took, it is their own doing. 0 where it is not told. */
function childrenSeconds(): number {
  if (!existsSync("/proc/self/stat")) return 0;
  const fields = readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ") ?? [];
  const ticksPerSecond = 100;
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}

describe("examples: ping-pong", () => {
  test("plays in one VM and between two", async () => {
    const ran = await motes(["run", example("ping-pong/app.ts")]).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(
      /in one VM: +[\d,]+ round trips a second\n.*between two: +[\d,]+ round trips a second\n$/,
    );
  });
});

describe("examples: the classics of OTP", () => {
  const linesOf = (stdout: string): readonly string[] =>
    [...stdout.matchAll(/^app \w+<1\.2> \| (.*)$/gm)].map(([, line = ""]) => line.trimEnd());

  test("bank: what is large is confirmed or does not happen, and nothing else happens meanwhile", async () => {
    const ran = await motes(["run", example("bank/app.ts")]).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const told = linesOf(ran.stdout).map((line) => line.replace(/ {2,}/g, "  "));
    expect(told).toEqual([
      "bob  takes 8.00 out  insufficient funds",
      "bob  pays 20.00 in  ok, 25.00 left",
      "bob  takes 8.00 out  ok, 17.00 left",
      "ann  asks for 1,200.00  ok, 1500.00 left",
      "ann  says yes  ok, 300.00 left",
      "ann  takes 500.00 out  insufficient funds",
      "ann  asks for 300.00  ok, 0.00 left",
      "ann  pays 2,000.00 in  ok, 2000.00 left",
      "ann  asks for 1,000.00  ok, 2000.00 left",
      "ann  takes 1.00 out, later  ok, 1999.00 left",
      "bob  is frozen  ok, 17.00 left",
      "bob  takes 1.00 out  frozen",
      "bob  is thawed  ok, 17.00 left",
      "bob  closes  ok, 17.00 left",
      "bob  pays 1.00 in  closed",
    ]);
  });

  test("chat: a room that crashes is there again, and so are its members", async () => {
    const ran = await motes(["run", example("chat/app.ts")]).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    const lines = linesOf(ran.stdout);
    const shut = lines.findLastIndex((line) => line.endsWith("is shut; we wait"));
    expect(lines.filter((line) => line.endsWith("is shut; we wait"))).toHaveLength(3);
    for (const who of ["ann", "bob", "carl"]) {
      expect(lines.slice(0, shut)).toContain(`${who.padEnd(5)} hears ann: hello, all`);
      expect(lines.slice(shut)).toContain(`${who.padEnd(5)} hears carl: we are back`);
    }
    expect(lines.at(-1)).toBe("carl  hears the room: bob has left");
    expect(ran.stdout.match(/room crashed/g)).toHaveLength(1);
  });

  test("pool: every job is done or refused, and all workers come back", async () => {
    const ran = await motes(["run", example("pool/app.ts")]).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(linesOf(ran.stdout)).toEqual([
      "ann   the root of 4 is 2",
      "bob   the worker died of -1",
      "dora  the root of 81 is 9",
      `eve   the root of 2 is ${Math.SQRT2}`,
      "finn  the root of 100 is 10",
      "all workers are back",
    ]);
    expect(ran.stdout.match(/worker crashed/g)).toHaveLength(1);
    expect(ran.stdout.match(/client crashed/g)).toHaveLength(1);
  });
});

describe("examples: the tour", () => {
  test("heals everything it breaks, with work for less than 30 s, and says so plainly when piped", async () => {
    const before = childrenSeconds();
    const ran = await new Running(tour, []).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(childrenSeconds() - before).toBeLessThan(30);
    expect(ran.stdout).not.toContain("\u001b[");
    expect(ran.stdout).not.toContain("  NO  ");
    expect(ran.stdout.match(/^  ok {2}/gm)).toHaveLength(15);
    expect(ran.stdout).toMatch(/restarted +shard-1\/store \(in VM (\d+); 13 others went on\)/);
    for (const shard of ["shard-2", "shard-3"]) {
      expect(ran.stdout).toMatch(
        new RegExp(
          String.raw`restarted +${shard}, ${shard}/table, ${shard}/store \(VM \d+ -> VM \d+; 11 others`,
        ),
      );
    }
    expect(ran.stdout).toMatch(/in one VM +[\d,]+ round trips a second +([\d.]+x Erlang's|Erlang skipped: )/);
    expect(ran.stdout).toMatch(/between two +[\d,]+ round trips a second/);
    expect(ran.stdout).toMatch(/requests +[\d,]+ requests, \d+ failed, each for a shard that was away/);
    expect(ran.stdout).toContain("0 VMs, 0 timers, 0 calls, 0 bonds");
    expect(ran.stdout).toMatch(/All of it healed\. Goodbye\.\n$/);
  }, 130_000);

  test("the race does without Erlang, and says how to get it", async () => {
    const url = new URL("../../dist/examples/tour/race.js", import.meta.url).href;
    const code = `import(${JSON.stringify(url)}).then(({ race }) => race())`;
    const ran = await new Running("--eval", [code], { PATH: "/nowhere" }).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(
      ran.stdout.match(/round trips a second +Erlang skipped: erl not found \(npm run setup\)/g),
    ).toHaveLength(2);
  });

  test.each([
    [["--sevre"], /Unknown option '--sevre'/],
    [["extra"], /Unexpected argument 'extra'/],
    [["--port", "9000"], /--port goes with --serve/],
    [["--serve", "--port", "high"], /--port must be a whole number from 0 .* got "high"/],
    [["--serve", "--port", "65536"], /--port must be/],
  ])("%j is refused with status 2 and the usage", async (args, message) => {
    const ran = await new Running(tour, args).ended;
    expect(ran).toMatchObject({ code: 2, stdout: "" });
    expect(ran.stderr).toMatch(message);
    expect(ran.stderr).toContain("npm start -- --serve");
  });
});

describe("examples: the service, --serve", () => {
  test("serves until Ctrl-C, and then nothing listens any more", async () => {
    const running = new Running(tour, ["--serve", "--port", "0"]);
    const [, origin = ""] = await running.says(/serving on (http:\/\/127\.0\.0\.1:\d+)/);
    expect((await fetch(`${origin}/kv/a`, { method: "PUT", body: "hello" })).status).toBe(204);
    expect(await (await fetch(`${origin}/kv/a`)).text()).toBe("hello");
    running.interrupt();
    const ran = await running.ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/stopped: 0 VMs left\n$/);
    await expect(fetch(origin)).rejects.toThrow();
  });

  test("a port in use is one clear error, with status 1", async () => {
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(0, "127.0.0.1", listening));
    const address = taken.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const ran = await new Running(tour, ["--serve", "--port", String(port)]).ended;
    await new Promise((closed) => taken.close(closed));
    expect(ran.code).toBe(1);
    expect(ran.stderr).toMatch(/EADDRINUSE.*[Aa]nother port/s);
    expect(ran.stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(ran.stderr).not.toMatch(/ at \w+/);
  });
});
