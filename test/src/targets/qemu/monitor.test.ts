import { Duplex, PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Monitor } from "../../../../src/targets/qemu/monitor.ts";

/** A monitor, and QEMU's end of its socket in the hand of the test. */
function pair(): { monitor: Monitor; socket: Duplex; asked: string[]; says: (message: object) => void } {
  const [toQemu, fromQemu] = [new PassThrough(), new PassThrough()];
  const asked: string[] = [];
  toQemu.on("data", (bytes: Buffer) => asked.push(bytes.toString().trim()));
  const socket = Duplex.from({ readable: fromQemu, writable: toQemu });
  return {
    monitor: new Monitor(socket),
    socket,
    asked,
    says: (message) => fromQemu.write(`${JSON.stringify(message)}\n`),
  };
}

test("monitor: a command is answered by what comes next, and greetings and events are no answer", async () => {
  const { monitor, says, asked } = pair();
  says({ QMP: {} });
  const answer = monitor.command("query-status", { a: 1 });
  says({ event: "STOP" });
  says({ return: { running: true } });
  expect(await answer).toEqual({ running: true });
  expect(asked).toEqual(['{"execute":"query-status","arguments":{"a":1}}']);
});

test("monitor: a refusal rejects, with what QEMU says", async () => {
  const { monitor, says } = pair();
  const answer = monitor.command("migrate");
  says({ error: { desc: "no such file" } });
  await expect(answer).rejects.toThrow(/QEMU refuses migrate.*no such file/);
});

test("monitor: an event is waited for, and whatever waits is rejected when QEMU ends", async () => {
  const { monitor, says, socket } = pair();
  const resumed = monitor.event("RESUME");
  says({ event: "STOP" });
  says({ event: "RESUME" });
  await resumed;
  const never = monitor.command("quit");
  socket.destroy();
  await expect(never).rejects.toThrow(/QEMU ended before quit/);
});
