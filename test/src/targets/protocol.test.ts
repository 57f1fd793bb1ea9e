import { afterEach, describe, expect, test } from "vitest";
import { hear } from "../../../src/targets/protocol.ts";
import type program from "../fixtures/obedient.ts";
import { bundle, isolate, processTarget } from "../../../src/index.ts";
import { fixture, Lab } from "../lab.ts";

const lab = new Lab();
afterEach(() => lab.close());

describe("isolate protocol", () => {
  test("isolate protocol: what a guest says passes unchanged", () => {
    const said = [
      { type: "connect", peer: { host: "", vm: 3 } },
      { type: "connect", peer: { host: "b~1", vm: 3 } },
      { type: "log", line: { level: "info", text: "", actor: "<1.2>", label: "a", details: { n: 1 } } },
      { type: "log", line: { level: "error", text: "x", details: { crash: "why" } } },
      { type: "halted", reason: "normal" },
      { type: "halted", reason: { type: "shutdown", detail: undefined } },
      { type: "halted", reason: { type: "crash", name: "Error", message: "m", code: "C", stack: "s" } },
    ];
    const heard = said.map((message) => {
      const parts: unknown[] = [];
      hear(
        message,
        { connect: (peer) => void parts.push(peer), log: (line) => void parts.push(line) },
        (reason) => void parts.push(reason),
      );
      return parts;
    });
    expect(heard).toEqual(said.map(({ peer, line, reason }) => [peer ?? line ?? reason]));
  });

  test.each(["isolate", "process"])(
    "%s protocol: a form that V8 does not take is told of, and boots",
    async (name) => {
      const { host, journal } = lab.host({ target: name === "isolate" ? isolate : processTarget });
      const image = await bundle<typeof program>(fixture("obedient"));
      // The number of V8's flags.
      const form = Buffer.from(image.cachedData);
      form.writeUInt32LE(form.readUInt32LE(12) ^ 1, 12);
      const vm = await host.boot({ ...image, cachedData: form }, { name: "late" });
      expect((await journal.until(/^V8 did not take the program's compiled form/)).vm).toBe("late");
      await vm.kill();
    },
  );

  test("isolate protocol: what is none of ours is dropped, and the log says so", () => {
    const lines: unknown[] = [];
    const never = (): never => expect.fail("it was taken for one of ours");
    for (const foreign of [null, 7, {}, { type: "connect" }, { type: "halted", reason: 7 }])
      hear(foreign, { connect: never, log: (line) => void lines.push(line) }, never);
    const line = { level: "debug", text: "told something that is not for its host: dropped" };
    expect(lines).toEqual(Array.from({ length: 5 }, () => line));
  });

  test("isolate protocol: nonsense on the port of its thread harms nobody", async () => {
    const { host } = lab.host();
    const vm = await lab.boot(host, { name: "liar" });
    const nonsense = [
      null,
      undefined,
      "ready",
      7,
      [],
      {},
      { type: "log" },
      { type: "log", line: null },
      { type: "log", line: { level: "shout", text: 7, details: "x" } },
      { type: "log", line: { level: "error", text: "x", details: { crash: { type: "crash", stack: 7 } } } },
      { type: "connect" },
      { type: "connect", vm: vm.vm },
      { type: "connect", peer: vm.vm },
      { type: "connect", peer: { vm: vm.vm } },
      { type: "connect", peer: { host: "", vm: "one" } },
      { type: "connect", peer: { host: "", vm: vm.vm } },
      { type: "connect", peer: { host: "", vm: 0 } },
      { type: "connect", peer: { host: "nowhere", vm: 1.5 } },
      { type: "halted" },
      { type: "halted", reason: 7 },
      { type: "halted", reason: { type: "crash", stack: 7 } },
    ];
    host.self.cast(vm.root, "nonsense", nonsense);
    expect(await host.self.call(vm.root, "ping")).toBe("pong");
    expect(await host.self.call((await lab.boot(host)).root, "ping")).toBe("pong");
  });
});
