import pino from "pino";
import { describe, expect, test } from "vitest";
import type { CrashReport } from "../../../kernel/index.ts";
import { eventLine } from "../../../src/targets/event-line.ts";
import { pinoLog, prettyLines } from "../../../src/index.ts";

function written(): { readonly out: { write(text: string): void }; readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, out: { write: (text) => void lines.push(text) } };
}

const plain = { timestamp: false, base: null } as const;

describe("log", () => {
  test("log: VM, actor and details are fields of a line", () => {
    const { out, lines } = written();
    const log = pinoLog(pino({ ...plain, level: "debug" }, out));
    log.line("kv", { level: "info", text: "up" });
    log.line("kv", { level: "warn", text: "hm", actor: "<1.2>", label: "store", details: { keys: 3 } });
    log.line("kv", { level: "debug", text: "" });
    log.line("kv", { level: "error", text: "%s is not a format", details: { big: 1n } });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { level: 30, vm: "kv", msg: "up" },
      { level: 40, vm: "kv", actor: "<1.2>", label: "store", keys: 3, msg: "hm" },
      { level: 20, vm: "kv", msg: "" },
      { level: 50, vm: "kv", big: 1, msg: "%s is not a format" },
    ]);
  });

  test("log: what a VM puts into the details does not speak in another VM's name", () => {
    const { out, lines } = written();
    const forged = { vm: "other", actor: "<9.9>", label: "king" };
    pinoLog(pino(plain, out)).line("liar", { level: "info", text: "x", actor: "<1.2>", details: forged });
    expect(JSON.parse(lines[0] ?? "")).toEqual({
      level: 30,
      vm: "liar",
      actor: "<1.2>",
      label: "king",
      msg: "x",
    });
  });

  test("log: for people, one line each, and a stack below; coloured only if asked", () => {
    for (const colour of [false, true]) {
      const { out, lines } = written();
      const log = pinoLog(pino(plain, prettyLines(out, colour)));
      log.line("kv", { level: "info", text: "up" });
      log.line("kv", {
        level: "error",
        text: "store crashed",
        actor: "<1.2>",
        label: "store",
        details: { crash: { type: "crash", name: "E", message: "m", stack: "E: m\n    at a.ts:1:2" } },
      });
      const bare = lines.join("").replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g"), "");
      expect(bare).toBe("kv | up\nkv store<1.2> | error store crashed\n    at a.ts:1:2\n");
      expect(lines.join("") === bare).toBe(!colour);
    }
  });

  test("log: for people, what a crash report says stands below the stack, as far as it says it", () => {
    const { out, lines } = written();
    const log = pinoLog(pino(plain, prettyLines(out, false)));
    const report: CrashReport = {
      type: "crash",
      actor: "<1.4>",
      label: "store",
      name: "known",
      reason: { type: "crash", name: "E", message: "m", code: "C", stack: "E: m\n    at a.ts:1:2" },
      parent: "<1.3>",
      ancestors: ["tree <1.3>", "main <1.2>"],
      lastMessage: "cast fail",
      state: '{"n":1}',
      links: ["<1.3>", "<2.1>"],
      unread: 2,
    };
    log.line("kv", eventLine(report));
    expect(lines.splice(0).join("")).toBe(
      [
        "kv store<1.4> | error store crashed: E C: m",
        "    at a.ts:1:2",
        "    name: known",
        "    last message: cast fail",
        '    state: {"n":1}',
        "    ancestors: tree <1.3>, main <1.2>",
        "    links: <1.3>, <2.1>",
        "    unread: 2",
        "",
      ].join("\n"),
    );
    log.line(
      "kv",
      eventLine({ ...report, name: "", reason: "no", lastMessage: "", state: "", links: [], unread: 0 }),
    );
    expect(lines.splice(0).join("")).toBe(
      "kv store<1.4> | error store crashed: no\n    ancestors: tree <1.3>, main <1.2>\n",
    );
    // A VM may write there what it likes.
    const odd = {
      crash: "no",
      state: { toString: 1 },
      links: [{ toString: 1 }, "x"],
      ancestors: 7,
      lastMessage: null,
    };
    log.line("kv", { level: "error", text: "odd", details: odd });
    expect(lines.join("")).toBe("kv | error odd\n    ancestors: 7\n    links: x\n");
  });

  test("log: a crash report is whole in the line, and leaves the logger's own name alone", () => {
    const { out, lines } = written();
    const facts = {
      parent: "<1.3>",
      ancestors: ["tree <1.3>"],
      lastMessage: "call get",
      state: "",
      links: ["<1.3>"],
      unread: 0,
    };
    const crash: CrashReport = {
      type: "crash",
      actor: "<1.4>",
      label: "store",
      name: "",
      reason: "no",
      ...facts,
    };
    const log = pinoLog(pino({ ...plain, base: { name: "host" } }, out));
    log.line("kv", eventLine(crash));
    log.line("kv", eventLine({ ...crash, name: "known" }));
    const line = {
      level: 50,
      name: "host",
      vm: "kv",
      actor: "<1.4>",
      label: "store",
      crash: "no",
      ...facts,
      msg: "store crashed: no",
    };
    expect(lines.map((text) => JSON.parse(text) as unknown)).toEqual([
      line,
      { ...line, registeredName: "known" },
    ]);
  });
});
