import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { askRunning } from "../../../../src/cli/cloud/running-cloud.ts";
import { ControlServer } from "../../../../src/control/server.ts";

test("motes cloud: a host of a cloud is found by its cloud, whatever its own name, and by that too if it is given", async () => {
  const folder = mkdtempSync(join(tmpdir(), "motes-clouds-"));
  vi.stubEnv("MOTES_RUNTIME_DIR", folder);
  let about: object = { name: "dust", pid: 1 };
  const operations = { about: () => about, "cloud.status": () => "the status" };
  const ask = (cloud: string, host?: string): Promise<unknown> => askRunning(cloud, host, "cloud.status");
  try {
    expect(await ask("dust")).toBe(undefined);
    const server = await ControlServer.open(folder, operations);
    try {
      expect(await ask("dust")).toBe(undefined);
      about = { name: "b", cloud: "dust", pid: 1 };
      expect(await ask("dust")).toBe("the status");
      expect(await ask("dust", "b")).toBe("the status");
      expect(await ask("dust", "a")).toBe(undefined);
      expect(await ask("b")).toBe(undefined);
    } finally {
      await server.close();
    }
  } finally {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  }
});
