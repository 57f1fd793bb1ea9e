import { once } from "node:events";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { preamble } from "../../../transports/host-link/packet.ts";
import {
  openTcp,
  type HostLinkEvents,
  type TcpHosts,
  type TcpHostsOptions,
} from "../../../transports/index.ts";
import { hostLinkContract } from "../../contract/host-link.ts";
import { host, Listener } from "../../contract/host-pair.ts";
import { eventually } from "../../src/eventually.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { BlackBox } from "./black-box.ts";
import { tcpNetwork } from "./tcp-network.ts";

hostLinkContract(tcpNetwork("TCP", () => "plain"));

const loopback = "127.0.0.1";
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function hosts(
  name: string,
  events: HostLinkEvents,
  options: Partial<TcpHostsOptions> = {},
): Promise<TcpHosts> {
  const opened = await openTcp({ own: host(name), events, security: "plain", ...options });
  closing.push(() => opened.close());
  return opened;
}

/** An acceptor, and what comes to it. */
async function acceptor(options: Partial<TcpHostsOptions> = {}) {
  const heard = new Listener();
  const refused: string[] = [];
  const opened = await hosts("b", heard, { refused: ({ code }) => refused.push(code), ...options });
  const { port } = await opened.listen({ host: loopback, port: 0 });
  return { heard, refused, port };
}

async function raw(port: number): Promise<Socket> {
  const socket = connect(port, loopback).on("error", () => {});
  closing.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Whether it ends or is reset. */
const gone = (socket: Socket): Promise<void> =>
  new Promise((done) => socket.resume().once("close", () => done()));

const is = (code: string) => (codes: readonly string[]) => codes.includes(code);

describe("tcp", () => {
  test("tcp: garbage before hello closes that link, and no other", async () => {
    const { heard, port } = await acceptor();
    const near = new Listener();
    const good = (await hosts("a", near)).dial({ host: loopback, port });
    await eventually(
      () => near.ups.length,
      (ups) => ups === 1,
    );
    const bad = await raw(port);
    bad.write("GET / HTTP/1.1\r\n\r\n");
    await gone(bad);
    expect(heard.codes).toEqual(["LINK_FOREIGN"]);
    const old = await raw(port);
    old.write(preamble(7));
    await gone(old);
    expect(heard.codes).toEqual(["LINK_FOREIGN", "LINK_VERSION"]);
    expect(good.state).toBe("up");
  });

  test("tcp: one that never says hello, or half of it, is closed after its time", async () => {
    const clock = new ManualClock();
    const { heard, port } = await acceptor({ clock });
    const silent = await raw(port);
    const half = await raw(port);
    half.write(preamble().subarray(0, 5));
    const closed = [silent, half].map(gone);
    await eventually(
      () => clock.pending,
      (timers) => timers === 2,
    );
    clock.advance(5000);
    expect(heard.codes).toEqual(["LINK_HELLO_TIMEOUT", "LINK_HELLO_TIMEOUT"]);
    await Promise.all(closed);
  });

  test("tcp: of a flood of connections only so many may wait for their hello", async () => {
    const { heard, refused, port } = await acceptor({ greetingsMax: 3 });
    const flood = await Promise.all(Array.from({ length: 10 }, () => raw(port)));
    await eventually(
      () => refused,
      (codes) => codes.length === 7,
    );
    expect(new Set(refused)).toEqual(new Set(["LINK_CROWDED"]));
    for (const socket of flood) socket.destroy();
    await eventually(
      () => heard.codes,
      (codes) => codes.length === 3,
    );
    const near = new Listener();
    (await hosts("a", near)).dial({ host: loopback, port });
    await eventually(
      () => near.ups.length,
      (ups) => ups === 1,
    );
  });

  test("tcp: a connection that is reset is LINK_LOST at both ends", async () => {
    const { heard, port } = await acceptor();
    const box = await BlackBox.to(port);
    closing.push(() => box.close());
    const near = new Listener();
    (await hosts("a", near)).dial({ host: loopback, port: box.port });
    await eventually(
      () => near.ups.length + heard.ups.length,
      (ups) => ups === 2,
    );
    box.reset();
    await eventually(() => near.codes, is("LINK_LOST"));
    await eventually(() => heard.codes, is("LINK_LOST"));
  });

  test("tcp: nobody there is LINK_UNREACHABLE; somebody else is told apart by name or by silence", async () => {
    const near = new Listener();
    const clock = new ManualClock();
    const dialer = await hosts("a", near, { clock });
    const { port } = await acceptor();
    dialer.dial({ host: loopback, port, expect: "c" });
    await eventually(() => near.codes, is("LINK_UNEXPECTED"));
    const mute = createServer((socket) => socket.on("error", () => {}).resume());
    mute.listen(0, loopback);
    await once(mute, "listening");
    const { port: mutePort } = mute.address() as AddressInfo;
    const deaf = dialer.dial({ host: loopback, port: mutePort });
    await eventually(
      () => deaf.statistics.sentPackets,
      (packets) => packets === 1,
    );
    clock.advance(5000);
    await eventually(() => near.codes, is("LINK_HELLO_TIMEOUT"));
    await new Promise((done) => mute.close(done));
    dialer.dial({ host: loopback, port: mutePort });
    await eventually(() => near.codes, is("LINK_UNREACHABLE"));
  });

  test("tcp: a kept link is dialled again when it was cut, and is a new one", async () => {
    const clock = new ManualClock();
    const { heard, port } = await acceptor({ clock });
    const box = await BlackBox.to(port);
    closing.push(() => box.close());
    const near = new Listener();
    const kept = (await hosts("a", near, { clock })).keep({ host: loopback, port: box.port, expect: "b" });
    await eventually(
      () => near.ups.length + heard.ups.length,
      (ups) => ups === 2,
    );
    const first = kept.link;
    box.reset();
    await eventually(() => near.codes, is("LINK_LOST"));
    expect(kept.link).toBeUndefined();
    clock.advance(200);
    await eventually(
      () => near.ups.length,
      (ups) => ups === 2,
    );
    expect(kept.link).not.toBe(first);
    kept.close({ code: "enough", text: "no more of it" });
    await eventually(() => heard.codes, is("LINK_CLOSED"));
    clock.advance(60_000);
    expect(near.ups.length).toBe(2);
  });

  test("tcp: without TLS it stays on this machine, says so, and is let out only by name", async () => {
    const lines: string[] = [];
    const events = new Listener();
    const plain = await hosts("a", events, { warn: (line) => lines.push(line) });
    expect(lines).toEqual([expect.stringContaining("without TLS")]);
    for (const address of ["0.0.0.0", "::", "192.0.2.1", "example.org"]) {
      const refusal = expect.objectContaining({ code: "LINK_PLAIN" });
      expect(() => plain.listen({ host: address, port: 0 })).toThrow(refusal);
      expect(() => plain.dial({ host: address, port: 1 })).toThrow(refusal);
    }
    const anywhere = await hosts("a", events, { security: "plain anywhere" });
    expect(await anywhere.listen({ host: "0.0.0.0", port: 0 })).toMatchObject({ host: "0.0.0.0" });
  });

  test("tcp: a port that is taken rejects, and leaves nothing", async () => {
    const { port } = await acceptor();
    const second = await hosts("c", new Listener());
    await expect(second.listen({ host: loopback, port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("tcp: options that make no sense are refused", async () => {
    const events = new Listener();
    const refused = expect.objectContaining({ code: "LINK_OPTION" });
    await expect(openTcp({ own: host("a b"), events, security: "plain" })).rejects.toThrow(refused);
    const limits = { beatMs: 1000, detectMs: 2000 };
    await expect(openTcp({ own: host("a"), events, security: "plain", limits })).rejects.toThrow(refused);
  });
});
