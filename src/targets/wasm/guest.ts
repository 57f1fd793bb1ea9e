import type { ExitReason } from "../../../kernel/index.ts";
import type { Bell } from "../doorbell.ts";
import { Guest, type GuestSetup } from "../guest.ts";
import type { ToHost } from "../protocol.ts";
import type { VcpuBoard } from "../vcpu.ts";
import { asJson } from "./as-json.ts";
import type { EventLoop } from "./event-loop.ts";
import { HostLine } from "./host-channel.ts";
import type { Inside, Outside, ToWasmGuest } from "./outside.ts";

/** The first line that its worker opens. */
const hostLine = 0;

/** The guest's half of a VM in WebAssembly: called inside QuickJS with the program's default export. Its prints go to `console`'s methods. */
export function boot(
  program: unknown,
  setup: GuestSetup,
  outside: Outside,
  loop: EventLoop,
  console: object,
): Inside {
  const woken: { call: () => void } = { call: () => {} };
  const bell = (place: number): Bell => ({
    ring: () => outside.ring(place),
    arm: () => outside.arm(),
    wait: (call) => {
      woken.call = call;
      return outside.wait();
    },
  });
  const board: VcpuBoard = {
    doorbell: bell,
    turned: () => outside.turned(),
    setAwake: (_place, on) => outside.setAwake(on),
    // It never spins: others wait for its thread.
    awakeVms: Infinity,
  };
  const tell = (message: ToHost): void => {
    if (message.type === "halted") outside.exit(asJson(message.reason));
    else outside.tell(asJson(message));
  };
  const guest = new Guest<number>(
    program,
    setup,
    board,
    hostLine,
    (kernel, home) => new HostLine(kernel, home, outside),
    tell,
    console,
  );
  return {
    step: () => loop.step(),
    rang: () => loop.attempt(woken.call),
    hear: (json) => {
      // Sound: its worker writes nothing else.
      const message = JSON.parse(json) as ToWasmGuest;
      if (message.type === "ring") guest.ring(message.peer, message.line, message.end, message.place);
      else guest.ended(message.peer, message.reason as ExitReason);
    },
  };
}
