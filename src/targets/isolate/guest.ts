import { parentPort } from "node:worker_threads";
import { asSealed, hostVm, type Home, MotesError, type KernelEvent } from "../../../kernel/index.ts";
import { Board } from "../board.ts";
import { eventLine } from "../event-line.ts";
import { Init } from "../init.ts";
import { RingLine } from "../ring-line.ts";
import { Vcpu } from "../vcpu.ts";
import { forwardConsole } from "./console.ts";
import type { GuestOptions, ToGuest, ToHost } from "./protocol.ts";

/** The guest's half of an isolate: called by the bundled image with the program's default export, first thing in the worker. */
export function boot(program: unknown, options: GuestOptions): void {
  if (parentPort === null) throw new Error("an isolate's guest runs in a worker thread");
  const port = parentPort;
  const tell = (message: ToHost): void => port.postMessage(message);
  const sealed = asSealed(program);
  if (sealed === undefined) {
    throw new MotesError("IMAGE_NOT_UNIKERNEL", describe(program), { got: describe(program) });
  }
  const board = new Board(options.board);
  const { place, vm, development, cores } = options;
  const vcpu: Vcpu = new Vcpu({
    vm,
    development,
    board,
    place,
    cores,
    report: (event: KernelEvent) => tell({ type: "log", line: eventLine(event) }),
    connect: (home) => {
      // The host answers with a ring, or with the peer's end; until then what is sent waits in the line.
      tell({ type: "connect", vm: home.vm });
      const line = new RingLine(vcpu.kernel, home);
      vcpu.attach(home, line);
      return line.carrier;
    },
    lost: (home, { code, message }) =>
      tell({
        type: "log",
        line: { level: "error", text: `lost VM ${home.vm}: ${message}`, details: { code } },
      }),
    halted: (reason) => tell({ type: "halted", reason }),
  });
  const { kernel } = vcpu;
  forwardConsole(kernel, (line) => tell({ type: "log", line }));
  const line = (home: Home): RingLine => {
    const known = vcpu.line(home);
    return known instanceof RingLine ? known : new RingLine(kernel, home);
  };
  const host = kernel.peers.home("", hostVm);
  const toHost = line(host);
  toHost.connect(options.hostRing, "b", board.doorbell(0));
  vcpu.attach(host, toHost);
  port.on("message", (message: ToGuest) => {
    const home = kernel.peers.home("", message.peer);
    if (message.type === "ended") return vcpu.detach(home, message.reason);
    const to = line(home);
    to.connect(message.memory, message.end, board.doorbell(message.place));
    vcpu.attach(home, to);
  });
  kernel.spawn(new Init(sealed), [], null);
}

function describe(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "function") return `a function${value.name === "" ? "" : ` (${value.name})`}`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
