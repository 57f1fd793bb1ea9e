import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { motes } from "../support/motes.ts";

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}.ts`, import.meta.url));

describe("motes run: bad input", () => {
  test.each([
    ["no such file", ["run", "nowhere.ts"], "IMAGE_NOT_FOUND", 1],
    ["a syntax error", ["run", fixture("bad/syntax")], "IMAGE_BROKEN", 1],
    ["an import that leads nowhere", ["run", fixture("bad/missing-import")], "IMAGE_BROKEN", 1],
    ["no default export", ["run", fixture("bad/no-default")], "IMAGE_NO_DEFAULT", 1],
    [
      "a default export that is no unikernel",
      ["run", fixture("bad/not-a-unikernel")],
      "IMAGE_NOT_UNIKERNEL",
      1,
    ],
    ["a module that throws", ["run", fixture("bad/throws")], "IMAGE_THROWS", 1],
    ["a root that fails to start", ["run", fixture("failing-root")], "VM_START_FAILED", 1],
    ["an unknown option", ["run", fixture("hello"), "--loudly"], "UNKNOWN_OPTION", 2],
    ["an unknown target", ["run", fixture("hello"), "--target", "cloud"], "UNKNOWN_TARGET", 2],
    ["an unknown command", ["walk"], "UNKNOWN_COMMAND", 2],
    ["no file", ["run"], "MISSING_ARGUMENT", 2],
  ])("%s: one clear error with a code", async (_what, args, code, status) => {
    const ran = await motes(args).ended;
    expect(ran.stderr).toMatch(new RegExp(`^motes: ${code}: `));
    expect(ran.stderr).not.toMatch(/\n\s+at /);
    expect(ran.code).toBe(status);
  });

  test("a syntax error names file and line", async () => {
    const { stderr } = await motes(["run", fixture("bad/syntax")]).ended;
    expect(stderr).toContain("bad/syntax.ts:1:");
  });

  test("a port in use: says which, and what to do", async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const ran = await motes(["run", fixture("listener")], { MOTES_TEST_PORT: String(port) }).ended;
    server.close();
    expect(ran.stderr).toContain(`EADDRINUSE`);
    expect(ran.stderr).toContain(String(port));
    expect(ran.stderr).toContain("choose another port");
    expect(ran.code).toBe(1);
  });

  test("the stack is shown when it is asked for", async () => {
    const ran = await motes(["run", "nowhere.ts", "--stack"]).ended;
    expect(ran.stderr).toMatch(/\n\s+at /);
  });
});

describe("motes run", () => {
  test("runs a program to its end in WebAssembly", async () => {
    const ran = await motes(["run", fixture("hello"), "--target", "wasm"]).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toContain("hello");
  });

  test("runs a program to its end", async () => {
    const ran = await motes(["run", fixture("hello")]).ended;
    expect(ran).toMatchObject({ code: 0, stderr: "" });
    expect(ran.stdout).toMatch(/^hello hello<1\.\d+> \| hello\n$/);
  });

  test("logs as JSON lines", async () => {
    const { stdout } = await motes(["run", fixture("hello"), "--json"]).ended;
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as { vm: string; msg: string; label: string });
    expect(lines).toContainEqual(expect.objectContaining({ vm: "hello", msg: "hello", label: "hello" }));
  });

  test("a crash of the root: its report names file and line, exit status 1", async () => {
    const ran = await motes(["run", fixture("hello")], { MOTES_TEST_CRASH: "1" }).ended;
    expect(ran.code).toBe(1);
    expect(ran.stdout).toContain("crashed as told");
    expect(ran.stdout).toMatch(/fixtures\/hello\.ts:\d+:\d+/);
  });

  test("Ctrl-C stops it cleanly", async () => {
    const running = motes(["run", fixture("hello")], { MOTES_TEST_STAY: "1" });
    await running.says(/\| hello/);
    running.interrupt();
    expect(await running.ended).toMatchObject({ code: 0, stderr: "" });
  });
});
