import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../../../../kernel/index.ts";
import { loadNative } from "../../../../src/targets/process/load-native.ts";
import { enterSandboxText, sandboxOf } from "../../../../src/targets/process/sandbox.ts";
import { refusedCalls, seccompFilter } from "../../../../src/targets/process/seccomp-filter.ts";
import { testWith } from "../../../support/required.ts";

const { addonPath } = loadNative();

/** What a process gets that nothing else confines: the code of each refusal, or `open`. */
function tried(devices: readonly Device[], folder: string, port: number): object {
  const child = `
const addon = { exports: {} };
process.dlopen(addon, ${JSON.stringify(addonPath)});
const fs = require("node:fs"), net = require("node:net"), { spawnSync } = require("node:child_process");
const lacking = ${enterSandboxText}(addon.exports, ${JSON.stringify(sandboxOf(64, devices, folder))});
const door = (what) => { try { what(); return "open"; } catch (problem) { return problem.code ?? problem.message; } };
const socket = (made) => new Promise((resolve) => {
  for (const event of ["connect", "listening"]) made.once(event, () => { resolve("open"); (made.close ?? made.destroy).call(made); });
  made.once("error", ({ code }) => resolve(code));
});
(async () => console.log(JSON.stringify({
  lacking,
  passwd: door(() => fs.readFileSync("/etc/passwd")),
  shm: door(() => fs.readdirSync("/dev/shm")),
  made: door(() => fs.writeFileSync(${JSON.stringify(folder)} + "/made", "x")),
  own: door(() => fs.readFileSync(${JSON.stringify(folder)} + "/own")),
  listing: door(() => fs.readdirSync(${JSON.stringify(folder)})),
  program: spawnSync("/bin/true").error?.code ?? "open",
  signal: door(() => process.kill(process.ppid, 0)),
  connect: await socket(net.connect(${port}, "127.0.0.1")),
  unix: await socket(net.connect("/run/motes-nobody")),
  listen: await socket(net.createServer().listen(0, "127.0.0.1")),
})))();`;
  // Sound: the child prints an object.
  return JSON.parse(execFileSync(process.execPath, ["-e", child], { encoding: "utf8" })) as object;
}

/** Landlock came with Linux 5.13, and may be off. */
const noLandlock = (): string | undefined => {
  try {
    return readFileSync("/proc/kallsyms", "utf8").includes("landlock")
      ? undefined
      : "this kernel has no Landlock";
  } catch {
    return "this kernel does not tell whether it has Landlock";
  }
};

describe("sandbox: what the kernel refuses a process, with no help of Node's", () => {
  let folder: string;
  const server = createServer();
  let port = 0;
  beforeAll(async () => {
    folder = mkdtempSync("/dev/shm/sandbox-");
    writeFileSync(join(folder, "own"), "x");
    await once(server.listen(0, "127.0.0.1"), "listening");
    const address = server.address();
    port = typeof address === "object" && address !== null ? address.port : 0;
  });
  afterAll(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  testWith(
    noLandlock(),
    "sandbox: files, programs, signals, sockets, memory, where nothing is granted",
    () => {
      expect(tried([], folder, port)).toEqual({
        lacking: [],
        passwd: "EACCES",
        shm: "EACCES",
        made: "EACCES",
        own: "open",
        listing: "EACCES",
        program: "EACCES",
        signal: "EACCES",
        connect: "EACCES",
        unix: "EACCES",
        listen: "EACCES",
      });
    },
  );

  testWith(noLandlock(), "sandbox: listening and connecting are told apart", () => {
    expect(tried(["listen"], folder, port)).toMatchObject({
      connect: "EACCES",
      listen: "open",
    });
    expect(tried(["connect"], folder, port)).toMatchObject({
      connect: "open",
      listen: "EACCES",
      passwd: "EACCES",
    });
  });

  test("sandbox: memory beside the heap has a limit", () => {
    const child = `
const addon = { exports: {} };
process.dlopen(addon, ${JSON.stringify(addonPath)});
${enterSandboxText}(addon.exports, ${JSON.stringify(sandboxOf(64, [], folder))});
const held = [];
for (let n = 0; n < 1000; n++) held.push(new Uint8Array(2 ** 20).fill(1));`;
    // It throws where V8 can say so, and ends where V8 cannot go on.
    const { status, stderr } = spawnSync(process.execPath, ["-e", child], { encoding: "utf8" });
    expect(status).not.toBe(0);
    expect(stderr).toMatch(/allocation failed|heap out of memory/);
  });

  test("sandbox: a machine whose calls are not known has no filter, rather than a wrong one", () => {
    expect(seccompFilter("riscv64", refusedCalls(false, false))).toEqual([]);
    const { length } = seccompFilter("arm64", refusedCalls(false, false));
    expect(length % 8).toBe(0);
    expect(length).toBeLessThan(8 * 255);
  });
});
