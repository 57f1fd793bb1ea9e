/** The program of a VM that owns one process of the operating system: its root is a port, told by its arguments what to run. */
import { unikernel } from "../../../kernel/index.ts";
import { port, type PortReady } from "../../port/index.ts";
import type { CommandProgram } from "../declaration.ts";

const readyOf = (ready: CommandProgram["ready"]): PortReady => {
  if (ready === "started") return ready;
  if ("tcp" in ready) return { tcp: Number(ready.tcp) };
  const line = new RegExp(ready.line.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return ready.stream === undefined ? { line } : { line, stream: ready.stream };
};

const root = port((given: CommandProgram) => {
  const { command, args, env, cwd, ready, readyTimeoutMs, stopSignal, stopMs, limits } = given;
  return {
    command,
    args,
    env,
    cwd,
    readyTimeoutMs,
    limits,
    ready: readyOf(ready),
    stop: { signal: stopSignal, graceMs: stopMs, termMs: stopMs },
  };
});

export default unikernel({ name: "command", root, devices: ["spawn"] });
