import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import {
  talkApart,
  tcpDoor,
  type Talk,
  type TcpConnection,
  type TcpLimits,
} from "../../../src/door/index.ts";
import { actor, type Definition, type Ref, type Self } from "../../../src/index.ts";
import type { TcpService } from "../../../src/door/index.ts";
import { eventually } from "../eventually.ts";
import { Street, Wire } from "./visitor.ts";

const street = new Street();
const { self } = street.host;
const opened: { readonly ref: Parameters<Street["end"]>[0]; readonly wires: Wire[] }[] = [];

async function open(service: Definition<[], TcpService> | Ref<TcpService>, limits: Partial<TcpLimits> = {}) {
  const to = "serial" in service ? service : street.actor(service);
  const { ref } = await self.start(tcpDoor, { port: 0, to, limits });
  const { port } = await self.call(ref, "address");
  const wires: Wire[] = [];
  const wire = async (): Promise<Wire> => {
    const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    await once(socket, "connect");
    const made = new Wire(socket);
    wires.push(made);
    return made;
  };
  opened.push({ ref, wires });
  return { ref, port, wire };
}

/** Each connection is talked over by an actor of its own. */
const talking = (converse: (own: Self<never>, talk: Talk) => Promise<void>) =>
  actor({
    label: "talking",
    init: () => ({}),
    call: {
      connection(_state, connection: TcpConnection) {
        return talkApart(this, connection, converse);
      },
    },
  });

afterEach(async () => {
  for (const { ref, wires } of opened.splice(0)) {
    for (const { socket } of wires) socket.destroy();
    await street.end(ref);
  }
});
afterAll(async () => {
  await street.host.stop();
  const handles = () => process.getActiveResourcesInfo().filter((name) => name.includes("TCP"));
  await eventually(handles, (left) => left.length === 0);
});

function gate(): { readonly open: () => void; readonly opened: Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

/** True: it was reset. */
const closing = (wire: Wire): Promise<boolean> =>
  new Promise((resolve) => {
    wire.socket.once("close", resolve);
  });

describe("tcp door", () => {
  test("bytes go both ways as they are, and each side may end first", async () => {
    const door = await open(
      talking(async (_own, talk) => {
        for await (const bytes of talk.received()) await talk.write(bytes);
        await talk.write("that was all");
      }),
    );
    const sent = Buffer.alloc(1024 * 1024, Buffer.from(Array.from({ length: 251 }, (_, n) => n)));
    const wire = await door.wire();
    wire.socket.end(sent);
    await wire.end();
    expect(wire.got.equals(Buffer.concat([sent, Buffer.from("that was all")]))).toBe(true);
    expect(
      await eventually(
        () => self.call(door.ref, "underWay"),
        (n) => n === 0,
      ),
    ).toBe(0);
  });

  test("the service may end its side and go on listening", async () => {
    const heard = gate();
    const door = await open(
      talking(async (_own, talk) => {
        await talk.write("hello");
        talk.end();
        for await (const bytes of talk.received()) if (Buffer.from(bytes).toString() === "bye") heard.open();
      }),
    );
    const wire = await door.wire();
    expect(await wire.end()).toBe("hello");
    wire.socket.end("bye");
    await heard.opened;
  });

  test("what a client sends before it is read is kept, up to a bound, and then in order", async () => {
    const { open: begin, opened: begun } = gate();
    const door = await open(
      talking(async (_own, talk) => {
        await begun;
        let bytes = 0;
        let sum = 0;
        for await (const part of talk.received())
          for (const byte of part) sum = (sum * 31 + byte + bytes++) % 65_521;
        await talk.write(`${bytes} ${sum}`);
      }),
    );
    const sent = Buffer.alloc(8 * 1024 * 1024, Buffer.from(Array.from({ length: 251 }, (_, n) => n)));
    const wire = await door.wire();
    wire.socket.end(sent);
    // The kernel's buffers and the bound are full: the rest waits in this process, on the client's side.
    let last = -1;
    await eventually(
      () => {
        const { writableLength } = wire.socket;
        const still = writableLength === last;
        last = writableLength;
        return new Promise<boolean>((resolve) => setTimeout(() => resolve(still), 20));
      },
      (still) => still,
    );
    expect(wire.socket.writableLength).toBeGreaterThan(0);
    begin();
    let sum = 0;
    for (let at = 0; at < sent.length; at++) sum = (sum * 31 + (sent[at] ?? 0) + at) % 65_521;
    expect(await wire.end()).toBe(`${sent.length} ${sum}`);
  });

  test("a client that is cut off ends the one who talks", async () => {
    const aborted = gate();
    const begun = gate();
    const door = await open(
      talking(async (own, talk) => {
        own.signal.addEventListener("abort", aborted.open);
        begun.open();
        await talk.read();
      }),
    );
    const wire = await door.wire();
    await begun.opened;
    wire.socket.resetAndDestroy();
    await aborted.opened;
    expect(
      await eventually(
        () => self.call(door.ref, "underWay"),
        (n) => n === 0,
      ),
    ).toBe(0);
  });

  test("a service that fails, is not there or is another one resets the connection", async () => {
    const crash = talking(() => Promise.reject(new Error("crash")));
    const none = actor({
      init: (own: Self<never>) => void own.stop(),
      call: { connection: (_state, _connection: TcpConnection): void => {} },
    });
    const other = street.actor(actor({ init: () => ({}), call: { other: () => 1 } }));
    for (const service of [crash, none, other as Ref<never> as Ref<TcpService>]) {
      const door = await open(service);
      const wire = await door.wire();
      const closed = closing(wire);
      wire.socket.write("hello");
      expect(await closed).toBe(true);
    }
  });

  test("one that is idle for too long is closed", async () => {
    const door = await open(
      talking(async (_own, talk) => {
        await talk.read();
      }),
      { idleTimeoutMs: 20 },
    );
    const wire = await door.wire();
    await wire.end();
    expect(wire.got.length).toBe(0);
  });

  test("one that writes and does not wait is refused", async () => {
    const refused = gate();
    const door = await open(
      talking(async (_own, talk) => {
        const chunk = new Uint8Array(1024 * 1024);
        await Promise.all(Array.from({ length: 64 }, () => talk.write(chunk))).catch(
          (problem: { code: string }) => {
            expect(problem.code).toBe("CALL_EXIT");
            refused.open();
          },
        );
      }),
    );
    const wire = await door.wire();
    wire.socket.pause();
    await refused.opened;
  });

  test("its end waits for connections, and then cuts them off; the port is free", async () => {
    const door = await open(
      talking(async (_own, talk) => {
        for await (const bytes of talk.received()) await talk.write(bytes);
      }),
      { drainMs: 10 },
    );
    const wire = await door.wire();
    wire.socket.write("x");
    await wire.until((text) => text === "x");
    const closed = closing(wire);
    await street.end(door.ref);
    await closed;
    const { ref } = await self.start(tcpDoor, {
      port: door.port,
      to: street.actor(talking(() => Promise.resolve())),
    });
    await street.end(ref);
    await expect(
      self.start(tcpDoor, { port: 0, host: "192.0.2.1", to: street.actor(talking(() => Promise.resolve())) }),
    ).rejects.toMatchObject({ code: "START_FAILED", details: { reason: { code: "DOOR_NOT_LISTENING" } } });
  });
});
