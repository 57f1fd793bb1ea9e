import { once } from "node:events";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  actor,
  createHost,
  isMotesError,
  process as actorProcess,
  type Crash,
  type Down,
  type ExitReason,
  type Ref,
  type Self,
} from "../../../src/index.ts";
import {
  port,
  stopTimeMs,
  type PortBytes,
  type PortLine,
  type PortOptions,
  type PortProtocol,
} from "../../../src/port/index.ts";
import { eventually } from "../eventually.ts";
import { freePort } from "../../support/free-port.ts";
import { guardsOf, inGroup } from "./proc.ts";

const host = createHost({ log: { line: () => {} } });
const { self } = host;
afterAll(() => host.stop());

/** What ports without a subscriber print. */
const log: string[] = [];
beforeEach(() => {
  log.length = 0;
  for (const method of ["log", "warn"] as const)
    vi.spyOn(console, method).mockImplementation((text: string) => void log.push(`${method} ${text}`));
});

const started: number[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  // Whatever a test did: nothing of it is there any more.
  await eventually(
    () => started.flatMap(inGroup),
    (left) => left.length === 0,
  );
  await eventually(
    () => guardsOf(process.pid),
    (left) => left.length === 0,
  );
  started.length = 0;
});

/** A shell that does as it is told. */
const sh = (script: string, options: Partial<Exclude<PortOptions, { output: "raw" }>> = {}): PortOptions => ({
  command: "sh",
  args: ["-c", script],
  ...options,
});

interface Open {
  readonly ref: Ref<PortProtocol>;
  readonly pid: number;
  /** Why it ended. */
  readonly ended: Promise<ExitReason>;
  end(reason: ExitReason): Promise<ExitReason>;
}

async function open(options: PortOptions): Promise<Open> {
  const { ref } = await self.start(port(options));
  // As under a supervisor its parent is linked to it; here the parent is the test, which is to live on.
  self.unlink(ref);
  const ended = endOf(ref);
  const { pid } = await self.call(ref, "info");
  started.push(pid);
  return {
    ref,
    pid,
    ended,
    end(reason) {
      self.exit(ref, reason);
      return ended;
    },
  };
}

function endOf(ref: Ref<never>): Promise<ExitReason> {
  return new Promise((resolve) => {
    const watch = actorProcess(function* (watcher: Self<never>) {
      watcher.monitor(ref);
      const down: Down = yield* watcher.receive("down");
      resolve(down.reason);
    });
    self.spawn(watch);
  });
}

/** Why it did not start. */
async function refusal(options: PortOptions): Promise<Crash> {
  const problem: unknown = await self.start(port(options)).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!isMotesError(problem, "START_FAILED")) throw new Error("it started");
  return (problem.details as { readonly reason: Crash }).reason;
}

describe("port: start", () => {
  test("it runs with the environment it was given and no other, in its folder", async () => {
    const env = { GREETING: "hello world; $(false)" };
    const { ended } = await open({ command: "env", env, cwd: "/tmp" });
    expect(await ended).toBe("normal");
    expect(log).toEqual(["log env: GREETING=hello world; $(false)"]);
    log.length = 0;
    expect(await (await open({ command: "pwd", cwd: "/tmp" })).ended).toBe("normal");
    expect(log).toEqual(["log pwd: /tmp"]);
  });

  test("arguments go as they are: no shell reads them", async () => {
    const args = ["%s|", "a b", "$HOME", "*", "", "'", '"', "-n", "\\n", "`x`"];
    const { ended } = await open({ command: "printf", args });
    expect(await ended).toBe("normal");
    expect(log).toEqual([`log printf: ${args.slice(1).join("|")}|`]);
  });

  test.each([
    [
      "an unknown command",
      { command: "no-such-command" },
      "PORT_COMMAND_NOT_FOUND",
      /"no-such-command" in \/usr/,
    ],
    ["an unknown path", { command: "/no/such/command" }, "PORT_COMMAND_NOT_FOUND", /no \/no\/such\/command/],
    ["a folder as command", { command: "/tmp" }, "PORT_COMMAND_NOT_FOUND", /no \/tmp/],
    ["a file that is no program", { command: "/etc/passwd" }, "PORT_COMMAND_NOT_EXECUTABLE", /\/etc\/passwd/],
    [
      "a command that its own PATH lacks",
      { command: "sh", env: { PATH: "/no" } },
      "PORT_COMMAND_NOT_FOUND",
      /in \/no/,
    ],
    ["an unknown folder", { command: "true", cwd: "/no/such" }, "PORT_CWD", /in \/no\/such/],
    [
      "a limit above the system's",
      { command: "true", limits: { openFiles: 2 ** 31 - 1 } },
      "PORT_LIMIT_REFUSED",
      /openFiles/,
    ],
    [
      "arguments that are too long",
      { command: "true", args: ["x".repeat(2 ** 18)] },
      "PORT_NOT_SPAWNED",
      /E2BIG/,
    ],
  ])("%s is a failed start that says so", async (_what, options, code, message) => {
    expect(await refusal(options)).toMatchObject({
      code,
      message: expect.stringMatching(message) as unknown,
    });
  });

  test("a command is found by the PATH in its environment, and by a path from its folder", async () => {
    expect(await (await open({ command: "true", env: { PATH: "/no:/usr/bin:/bin" } })).ended).toBe("normal");
    expect(await (await open({ command: "./sh", args: ["-c", "exit 0"], cwd: "/bin" })).ended).toBe("normal");
  });
});

describe("port: ready", () => {
  test.each([
    ["a line of that stream", sh("echo up >&2; read x", { ready: { line: /^up$/g, stream: "stderr" } })],
    ["a line of any stream", sh("echo up; read x", { ready: { line: /up/ } })],
    ["a line without an end", sh("printf up; exec >&-; read x", { ready: { line: /up/ } })],
    ["a probe that says true", sh("read x", { ready: { probe: probing(), everyMs: 1 } })],
  ])("%s", async (_what, options) => {
    const { pid, end } = await open(options);
    expect(inGroup(pid)).toEqual([pid]);
    expect(await end("shutdown")).toBe("shutdown");
  });

  test("a port of TCP that accepts", async () => {
    const script = `const s = require("net").createServer(); s.listen(0, "127.0.0.1", () => s.close(() => s.listen(+process.argv[1], "127.0.0.1")))`;
    const tcp = await freePort();
    const options: PortOptions = {
      command: process.execPath,
      args: ["-e", script, String(tcp)],
      ready: { tcp },
    };
    const { end } = await open({ ...options, output: "lines" });
    await connects(tcp);
    expect(await end("shutdown")).toBe("shutdown");
  });

  test.each([
    ["a line of another stream", { line: /up/, stream: "stderr" }, /stderr that matches/],
    ["a port where nobody listens", { tcp: 1 }, /port 1/],
    ["a probe that throws", { probe: () => Promise.reject(new Error("no")) }, /probe/],
  ] as const)("%s is not enough: it is stopped, and the start has failed", async (_what, ready, text) => {
    const crash = await refusal(sh("echo up; sleep 60 & wait", { ready, readyTimeoutMs: 100 }));
    expect(crash).toMatchObject({ code: "PORT_NOT_READY", message: expect.stringMatching(text) as unknown });
    expect(crash.message).toMatch(/within 100 ms/);
  });

  test("one that ends before is a failed start with its status and its last lines", async () => {
    const script = "for i in 1 2 3 4 5 6 7 8 9 10 11; do echo $i; done; exit 7";
    const crash = await refusal(sh(script, { name: "counter", ready: { line: /never/ } }));
    const lastLines = ["2", "3", "4", "5", "6", "7", "8", "9", "10", "11"];
    const details = { name: "counter", command: "sh", status: 7, signal: null, lastLines };
    expect(crash).toMatchObject({ code: "PORT_EXITED_EARLY", details });
    expect(crash.message).toMatch(/^counter \(sh\) ended before it was ready, with status 7\. It said:\n2\n/);
  });
});

describe("port: end", () => {
  test.each([
    ["exit 0", "normal"],
    [
      "echo out; echo err >&2; exit 3",
      { code: "PORT_EXITED", details: { status: 3, signal: null, lastLines: ["err"] } },
    ],
    [
      "echo out; exit 143",
      { code: "PORT_EXITED", details: { status: 143, signal: null, lastLines: ["out"] } },
    ],
    ["kill -TERM $$", { code: "PORT_EXITED", details: { status: null, signal: "SIGTERM" } }],
    ["kill -KILL $$", { code: "PORT_EXITED", details: { status: null, signal: "SIGKILL" } }],
  ])("%s is the reason of its end", async (script, reason) => {
    const { ended } = await open(sh(script));
    if (typeof reason === "string") expect(await ended).toBe(reason);
    else expect(await ended).toMatchObject({ type: "crash", ...reason });
  });

  test("what it leaves in its group ends with it, also what minds no signals", async () => {
    const { ended } = await open(sh("trap '' TERM HUP; sleep 60 & sleep 61 & echo left; exit 0"));
    expect(await ended).toBe("normal");
    expect(log).toEqual(["log sh: left"]);
  });

  test("one that holds its pipes from outside its group keeps nobody", async () => {
    // It has left when it says so.
    const leaver =
      "trap 'exit 0' USR1; setsid sh -c 'kill -USR1 $0; exec sleep 3' $$ & while :; do wait; done";
    const { ended } = await open(sh(leaver));
    expect(await ended).toBe("normal");
  });

  test("asked to end, it is asked in its own way, then by SIGTERM, then killed with its group", async () => {
    const polite = await open(
      sh("read x; echo got $x; exit 9", { stop: { write: "bye\n" }, ready: "started" }),
    );
    expect(await polite.end("shutdown")).toBe("shutdown");
    const told = sh("trap 'echo INT; exit' INT; echo up; while :; do sleep 60 & wait; done", {
      ready: { line: /up/ },
      stop: { signal: "SIGINT" },
    });
    expect(await (await open(told)).end("shutdown")).toBe("shutdown");
    const ordinary = sh("trap 'echo TERM; exit' TERM; echo up; sleep 60 & wait", { ready: { line: /up/ } });
    expect(await (await open(ordinary)).end("shutdown")).toBe("shutdown");
    const deaf = sh(
      "trap 'echo INT' INT; trap 'echo TERM' TERM; (trap '' TERM; sleep 60) & echo up; while :; do wait; done",
      {
        ready: { line: /up/ },
        stop: { signal: "SIGINT", graceMs: 200, termMs: 200 },
      },
    );
    expect(await (await open(deaf)).end("shutdown")).toBe("shutdown");
    const said = log.filter((line) => line !== "log sh: up");
    expect(said).toEqual(["log sh: got bye", "log sh: INT", "log sh: TERM", "log sh: INT", "log sh: TERM"]);
  });

  test("an actor that is killed has no last words, and nothing is left all the same", async () => {
    const { pid, end } = await open(sh("trap '' TERM; sleep 60 & sleep 61", {}));
    expect(await end("kill")).toBe("killed");
    await eventually(
      () => inGroup(pid),
      ({ length }) => length === 0,
    );
  });

  test("without its guard it ends, with its group", async () => {
    const { ended } = await open(sh("trap '' TERM; sleep 60 & echo up; wait", { ready: { line: /up/ } }));
    const [guard = 0, ...others] = guardsOf(process.pid);
    expect(others).toEqual([]);
    process.kill(guard, "SIGKILL");
    expect(await ended).toMatchObject({ code: "PORT_GUARD_LOST" });
  });

  test("the time to stop is the sum of its steps", () => {
    expect(stopTimeMs({ command: "true" })).toBe(2000);
    expect(stopTimeMs({ command: "true", stop: { write: "" } })).toBe(4000);
    expect(stopTimeMs({ command: "true", stop: { signal: "SIGINT", graceMs: 10, termMs: 20 } })).toBe(30);
  });
});

describe("port: limits", () => {
  test("each is set for the process", async () => {
    const limits = { memoryMb: 100, cpuSeconds: 7, openFiles: 50 };
    const { ended } = await open(sh("ulimit -v; ulimit -S -t; ulimit -H -t; ulimit -n", { limits }));
    expect(await ended).toBe("normal");
    expect(log.map((line) => line.replace("log sh: ", ""))).toEqual(["102400", "7", "8", "50"]);
  });

  test("one that computes for too long is ended, and the reason says so", async () => {
    const { ended } = await open(sh("while :; do :; done", { limits: { cpuSeconds: 1 } }));
    expect(await ended).toMatchObject({ details: { signal: "SIGXCPU" } });
  });
});

/** Takes lines, and gives credit when it is told to. */
const reader = actor({
  init: () => ({ lines: [] as PortLine[] }),
  call: {
    texts: ({ lines }) => lines.map(({ stream, text, cut }) => `${stream} ${text}${cut ? "+" : ""}`),
    more({ lines }, count: number) {
      const { port: from } = lines.at(-1) ?? {};
      if (from !== undefined) this.cast(from, "more", count);
    },
  },
  info: { line: ({ lines }, line: PortLine) => void lines.push(line) },
});

describe("port: output and input", () => {
  test("lines go to a subscriber, in order, the last one before the end of the port", async () => {
    const lines = self.spawn(reader);
    const { ended } = await open(
      sh("printf 'a\\r\\n\\nä'; echo b >&2; printf ' c'", { lineLengthMax: 3, subscriber: lines }),
    );
    expect(await ended).toBe("normal");
    const texts = await self.call(lines, "texts");
    expect(texts.filter((text) => text.startsWith("stdout"))).toEqual(["stdout a", "stdout ", "stdout ä c"]);
    expect(texts).toContain("stderr b");
  });

  test("a line that is too long comes in parts", async () => {
    const lines = self.spawn(reader);
    await (await open(sh("echo abcdefgh", { lineLengthMax: 3, subscriber: lines }))).ended;
    expect(await self.call(lines, "texts")).toEqual(["stdout abc+", "stdout def+", "stdout gh"]);
  });

  test("a subscriber that is behind holds the process up, and loses nothing", async () => {
    const lines = self.spawn(reader);
    const count = 50_000;
    // It counts what it has written, where it can be seen.
    const script = `i=0; while [ $i -lt ${count} ]; do i=$((i+1)); echo $i; done`;
    const { ended, pid } = await open(sh(script, { window: 10, subscriber: lines }));
    const texts = () => self.call(lines, "texts");
    await eventually(texts, ({ length }) => length === 10);
    // It waits in its write, and writes no more, however long one looks.
    await eventually(
      () => stateOf(pid),
      (state) => state === "S",
    );
    expect(await texts()).toHaveLength(10);
    await self.call(lines, "more", 5);
    await eventually(texts, ({ length }) => length === 15);
    expect(await Promise.race([ended, Promise.resolve("it runs")])).toBe("it runs");
    await self.call(lines, "more", count);
    expect(await ended).toBe("normal");
    const all = await texts();
    expect(all).toHaveLength(count);
    expect(all.at(-1)).toBe(`stdout ${count}`);
  });

  test("a flood without a subscriber does not fill the log's memory: it comes in portions", async () => {
    const { pid, end } = await open(sh("while :; do echo y; done", { window: 50 }));
    await eventually(
      () => log.length,
      (length) => length >= 150,
    );
    await eventually(
      () => stateOf(pid),
      (state) => state === "S",
    );
    expect(await end("shutdown")).toBe("shutdown");
  });

  test("bytes come as they are, to one who asks for them", async () => {
    const bytes: number[] = [];
    const taker = actor({
      init: () => ({}),
      info: { bytes: (_state, piece: PortBytes) => void bytes.push(...piece.bytes) },
    });
    const printing = port((args: readonly string[], subscriber: Ref<PortBytes>) => ({
      command: "printf",
      args,
      output: "raw",
      subscriber,
    }));
    const { ref } = await self.start(printing, ["\\000\\377\\n\\200"], self.spawn(taker));
    self.unlink(ref);
    expect(await endOf(ref)).toMatch(/normal|noproc/);
    await eventually(
      () => bytes.length,
      (length) => length === 4,
    );
    expect(bytes).toEqual([0, 255, 10, 128]);
  });

  test("a port ends when its subscriber does, and its process with it", async () => {
    const lines = self.spawn(reader);
    const { ended } = await open(sh("echo up; sleep 60", { subscriber: lines }));
    self.exit(lines, "kill");
    expect(await ended).toMatchObject({ code: "PORT_SUBSCRIBER_LOST" });
  });

  test("what is written is answered when it was taken, and refused where too much waits", async () => {
    const { ref, end, ended } = await open({ command: "cat", stdinBytesMax: 1024 * 1024 });
    await self.call(ref, "write", "one\n");
    await self.call(ref, "write", new TextEncoder().encode("two\n"));
    await self.call(ref, "end");
    expect(await ended).toBe("normal");
    expect(log).toEqual(["log cat: one", "log cat: two"]);
    void end;
    const deaf = await open(sh("sleep 60", { stdinBytesMax: 1024 * 1024 }));
    const million = "x".repeat(1024 * 1024);
    const first = self.callWithin(Infinity, deaf.ref, "write", million);
    const second = self.callWithin(Infinity, deaf.ref, "write", "x");
    await expect(second).rejects.toMatchObject({ details: { reason: { code: "PORT_STDIN_FULL" } } });
    expect(await deaf.end("shutdown")).toBe("shutdown");
    await expect(first).rejects.toMatchObject({ code: "CALL_EXIT" });
  });

  test("a process that has closed its input is no reason to end: the write says so", async () => {
    const { ref, end } = await open(sh("exec <&-; echo closed; sleep 60", { ready: { line: /closed/ } }));
    await expect(self.call(ref, "write", "x")).rejects.toMatchObject({
      details: { reason: { code: "PORT_STDIN_CLOSED" } },
    });
    expect(await end("shutdown")).toBe("shutdown");
  });

  test("a credit that is no count ends the port that gets it", async () => {
    const { ref, ended } = await open(sh("sleep 60"));
    self.cast(ref, "more", -1);
    expect(await ended).toMatchObject({ code: "PORT_OPTION" });
  });
});

/** False, then throws, then true. */
function probing(): () => boolean {
  let asked = 0;
  return () => {
    asked += 1;
    if (asked === 2) throw new Error("not yet");
    return asked === 3;
  };
}

const stateOf = (pid: number): string => /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1] ?? "";

async function connects(tcp: number): Promise<void> {
  const socket = connect(tcp, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
}
