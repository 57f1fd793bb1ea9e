import type { PortReady, Stream } from "./options.ts";

const lookEveryMs = 50;

/**
 * Waits until a process says or shows that it is ready. It ends nothing and knows no time-out: whoever waits gives up by `signal`,
 * and then no timer, connection or listener is left.
 */
export class Readiness {
  private readonly ready: PortReady;
  private found = false;
  private wake: () => void = () => {};

  constructor(ready: PortReady) {
    this.ready = ready;
  }

  /** For errors. */
  get text(): string {
    const { ready } = this;
    if (ready === "started") return "that it runs";
    if ("line" in ready) return `a line on ${ready.stream ?? "stdout or stderr"} that matches ${ready.line}`;
    return "tcp" in ready ? `port ${ready.tcp} to accept a connection` : "its probe to say true";
  }

  /** A line of the process: also before anybody waits. */
  see(stream: Stream, text: string): void {
    const { ready } = this;
    if (this.found || ready === "started" || !("line" in ready)) return;
    if (ready.stream !== undefined && ready.stream !== stream) return;
    // `search` minds no flags that make an expression remember.
    if (text.search(ready.line) < 0) return;
    this.found = true;
    this.wake();
  }

  /** Never settles after `signal`. */
  async wait(signal: AbortSignal): Promise<void> {
    const { ready } = this;
    if (ready === "started" || this.found) return;
    if ("line" in ready) {
      return new Promise((resolve) => {
        this.wake = resolve;
      });
    }
    const [look, everyMs] =
      "tcp" in ready ? [acceptance(ready.tcp, signal), lookEveryMs] : [ready.probe, ready.everyMs ?? 100];
    while (!(await isTrue(look))) await pause(everyMs, signal);
  }
}

async function isTrue(look: () => boolean | PromiseLike<boolean>): Promise<boolean> {
  try {
    return (await look()) === true;
  } catch {
    return false;
  }
}

/**
 * Whether the port accepts. Whoever does, does not have to serve us. The module is not imported: then whatever else of a program names
 * it, and is not used, would seem to need the device `connect`, which `spawn` comes with.
 */
function acceptance(port: number, signal: AbortSignal): () => Promise<boolean> {
  const { connect } = process.getBuiltinModule("node:net");
  return () =>
    new Promise((resolve) => {
      const socket = connect({ port, host: "127.0.0.1", signal });
      socket.once("error", () => resolve(false));
      socket.once("connect", () => {
        socket.destroy();
        resolve(true);
      });
    });
}

/** Never settles after `signal`. */
function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return;
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, durationMs);
    const stop = (): void => clearTimeout(timer);
    signal.addEventListener("abort", stop, { once: true });
  });
}
