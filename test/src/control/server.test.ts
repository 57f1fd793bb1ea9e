import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { MotesError } from "../../../kernel/index.ts";
import { ControlClient } from "../../../src/control/client.ts";
import { asAnswer, asRequest } from "../../../src/control/protocol.ts";
import { ControlServer } from "../../../src/control/server.ts";

let folder: string;
let server: ControlServer;
let pulled = 0;

async function* counting(count: unknown): AsyncGenerator<string> {
  for (let n = 0; n < Number(count); n++) {
    pulled = n + 1;
    yield "x".repeat(10_000);
  }
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "motes-control-"));
  rmSync(folder, { recursive: true });
  server = await ControlServer.open(folder, {
    add: (a, b) => Number(a) + Number(b),
    later: async () => "later",
    refuse: () => {
      throw new MotesError("VM_UNKNOWN", "no such VM", {});
    },
    break: () => {
      throw new TypeError("a bug");
    },
    never: () => new Promise(() => {}),
    count: counting,
  });
});
afterEach(async () => {
  await server.close();
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

describe("control: asking a host", () => {
  test("control: answers, several at once, also late ones and errors under their code", async () => {
    const client = await ControlClient.connect(server.path);
    const asked = [client.ask("later"), client.ask("add", [1, 2])];
    expect(await Promise.all(asked)).toEqual(["later", 3]);
    await expect(client.ask("refuse")).rejects.toMatchObject({ code: "VM_UNKNOWN", message: "no such VM" });
    await expect(client.ask("break")).rejects.toMatchObject({ code: "BUG", message: "a bug" });
    await expect(client.ask("toString")).rejects.toMatchObject({ code: "CONTROL_UNKNOWN" });
    client.close();
  });

  test("control: a stream comes in order, and its source waits for one who does not read", async () => {
    const client = await ControlClient.connect(server.path);
    const got: unknown[] = [];
    await client.ask("count", [20], (value) => void got.push(value));
    expect(got).toHaveLength(20);
    client.close();
    const socket = connect(server.path);
    await once(socket, "connect");
    socket.pause();
    socket.write(`${JSON.stringify({ id: 1, op: "count", args: [100_000] })}\n`);
    const probe = await ControlClient.connect(server.path);
    // As long as it moves, there is room in the pipe.
    for (let before = -1; before !== pulled; ) {
      before = pulled;
      for (let n = 0; n < 20; n++) await probe.ask("add", [n, n]);
    }
    expect(pulled).toBeLessThan(10_000);
    socket.destroy();
    probe.close();
  });

  test("control: a host that ends meanwhile is an error, and so is one that is not there", async () => {
    const client = await ControlClient.connect(server.path);
    const asked = client.ask("never");
    await server.close();
    await expect(asked).rejects.toMatchObject({ code: "CONTROL_LOST" });
    expect(existsSync(server.path)).toBe(false);
    await expect(ControlClient.connect(server.path)).rejects.toMatchObject({ code: "CONTROL_LOST" });
  });

  test("control: one who does not keep to the protocol is cut off, and the others are not", async () => {
    const client = await ControlClient.connect(server.path);
    for (const line of ["hello", "{}", '{"id":1}', '{"id":1,"op":"add","args":3}', "null"]) {
      const socket = connect(server.path);
      await once(socket, "connect");
      socket.write(`${line}\n`);
      await once(socket, "close");
    }
    expect(await client.ask("add", [2, 2])).toBe(4);
    client.close();
  });

  test("control: what is no request or no answer is none", () => {
    for (const value of [
      undefined,
      null,
      1,
      "x",
      [],
      {},
      { id: "1", op: "a", args: [] },
      { id: 1, type: "what" },
    ]) {
      expect(asRequest(value)).toBeUndefined();
      expect(asAnswer(value)).toBeUndefined();
    }
    expect(asAnswer({ id: 1, type: "failed", code: 1, message: "" })).toBeUndefined();
  });
});
