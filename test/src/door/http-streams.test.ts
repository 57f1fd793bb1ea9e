import { get, type IncomingMessage } from "node:http";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { answerApart, bodyParts, wholeBody, type HttpRequest } from "../../../src/door/index.ts";
import { actor, type Self } from "../../../src/index.ts";
import { Street, type Answer, type Door } from "./visitor.ts";

const street = new Street();
const { self } = street.host;
const doors: Door[] = [];
const open = async (...options: Parameters<Street["door"]>): Promise<Door> => {
  const door = await street.door(...options);
  doors.push(door);
  return door;
};

afterEach(async () => {
  for (const door of doors.splice(0)) {
    door.leave();
    await street.end(door.ref);
  }
});
afterAll(() => street.host.stop());

const respond = (
  answer: (request: HttpRequest, own: Self<never>) => ReturnType<Parameters<typeof answerApart>[2]>,
) =>
  actor({
    label: "respond",
    init: () => ({}),
    call: {
      request(_state, request: HttpRequest) {
        return answerApart(this, request, (own) => answer(request, own));
      },
    },
  });

describe("http door: streams", () => {
  test("ten megabytes go through in both directions at once, as they were", async () => {
    const page = respond((request, own) => ({ body: bodyParts(own, request) }));
    const door = await open({ to: street.actor(page) });
    const sent = Buffer.alloc(10 * 1024 * 1024, Buffer.from(Array.from({ length: 251 }, (_, n) => n)));
    const { status, body } = await door.ask("/", { method: "POST", body: sent });
    expect(status).toBe(200);
    expect(body.equals(sent)).toBe(true);
  });

  test("a client that does not read holds back the one who writes", async () => {
    let made = 0;
    let pause = (): void => {};
    const paused = new Promise<void>((resolve) => (pause = resolve));
    const chunk = Buffer.alloc(64 * 1024);
    const page = respond(() => ({
      body: (function* () {
        for (; made < 1000; made++) yield chunk;
      })(),
    }));
    const door = await open({ to: street.actor(page) });
    const response = await new Promise<IncomingMessage>((resolve) => {
      get({ host: "127.0.0.1", port: door.port, agent: false }, resolve);
    });
    // The sockets' own buffers fill up, and then nothing moves any more.
    let last = -1;
    const watch = setInterval(() => {
      if (made > 0 && made === last) pause();
      last = made;
    }, 50);
    await paused;
    clearInterval(watch);
    expect(made).toBeLessThan(500);
    let bytes = 0;
    for await (const part of response) bytes += (part as Buffer).length;
    expect([made, bytes]).toEqual([1000, 1000 * chunk.length]);
  });

  test("a client that goes away ends the one who writes, and what makes the parts is told", async () => {
    let gone = (): void => {};
    const told = new Promise<void>((resolve) => (gone = resolve));
    const page = respond(() => ({
      body: (async function* () {
        try {
          for (;;) yield "more ";
        } finally {
          gone();
        }
      })(),
    }));
    const door = await open({ to: street.actor(page) });
    const wire = await door.wire();
    wire.socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await wire.until((text) => text.includes("more"));
    wire.socket.destroy();
    await told;
    expect(await self.call(door.ref, "underWay")).toBe(0);
  });

  test("a client that goes away while it sends ends the one who reads", async () => {
    let reading = (): void => {};
    const begun = new Promise<void>((resolve) => (reading = resolve));
    let aborted = (): void => {};
    const ended = new Promise<void>((resolve) => (aborted = resolve));
    const page = respond(async (request, own) => {
      own.signal.addEventListener("abort", aborted);
      reading();
      await wholeBody(own, request, Infinity);
      return {};
    });
    const door = await open({ to: street.actor(page) });
    const wire = await door.wire();
    wire.socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000\r\n\r\nxxx`);
    await begun;
    wire.socket.destroy();
    await ended;
  });

  test("an answer to a body that nobody reads ends the connection, however long that body is", async () => {
    const door = await open({ to: street.actor(respond(() => ({ body: "enough" }))) });
    const wire = await door.wire();
    wire.socket.write("POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    wire.socket.write(chunk + chunk);
    expect(await wire.end()).toMatch(/\r\nConnection: close\r\n[^]*enough$/);
  });

  test("one who crashes in the middle cuts the answer off; before it, that is a 503", async () => {
    const page = respond(({ url }) => {
      if (url === "/early") throw new Error("early");
      return {
        body: (function* () {
          yield "first";
          throw new Error("late");
        })(),
      };
    });
    const door = await open({ to: street.actor(page) });
    expect((await door.ask("/early")).status).toBe(503);
    const wire = await door.wire();
    wire.socket.write("GET /late HTTP/1.1\r\nhost: a\r\n\r\n");
    const text = await wire.end();
    expect(text).toMatch(/^HTTP\/1.1 200 [^]*first/);
    expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
  });

  test("an answer apart may be whole, and does not keep the actor from the next request", async () => {
    let free = (): void => {};
    const wait = new Promise<void>((resolve) => (free = resolve));
    const page = respond(async ({ url }) => {
      if (url === "/slow") await wait;
      return { status: 201, body: url };
    });
    const door = await open({ to: street.actor(page) });
    const slow = door.ask("/slow");
    expect((await door.ask("/fast")).text).toBe("/fast");
    free();
    const { status, text } = await slow;
    expect([status, text]).toEqual([201, "/slow"]);
  });

  test("a body of many bytes is whole, or undefined above what it may have", async () => {
    const page = respond(async (request, own) => {
      const body = await wholeBody(own, request, 100_000);
      return body === undefined ? { status: 413 } : { body: body.subarray(-3) };
    });
    const door = await open({ to: street.actor(page) });
    const bytes = Buffer.alloc(100_000, "ab");
    expect((await door.ask("/", { method: "POST", body: bytes })).text).toBe("bab");
    expect((await door.ask("/", { method: "POST", body: Buffer.alloc(100_001) })).status).toBe(413);
    expect((await door.ask("/", { method: "POST", body: "abcdef" })).text).toBe("def");
  });
});

describe("http door: an exchange in clumsy hands", () => {
  /** What each use of it came to. */
  async function using(
    use: (own: Self<never>, exchange: HttpRequest["exchange"]) => readonly PromiseLike<unknown>[],
  ): Promise<{ readonly answer: Answer | string | undefined; readonly uses: readonly unknown[] }> {
    let uses: readonly unknown[] = [];
    const page = actor({
      label: "clumsy",
      init: (own: Self<never>) => ({ own }),
      call: {
        request: async ({ own }, { exchange }: HttpRequest): Promise<"streamed"> => {
          const settled = await Promise.allSettled(use(own, exchange));
          uses = settled.map((one) => (one.status === "rejected" ? reasonOf(one.reason) : one.value));
          return "streamed";
        },
      },
    });
    const door = await open({ to: street.actor(page) });
    const answer = await door.ask("/").catch((error: NodeJS.ErrnoException) => error.code);
    return { answer, uses };
  }
  const reasonOf = (problem: unknown): unknown => {
    const { details } = problem as { readonly details: { readonly reason: unknown } };
    const { reason } = details;
    return typeof reason === "string" ? reason : (reason as { readonly code?: string }).code;
  };

  test("an answer is begun once, before its parts", async () => {
    const { answer, uses } = await using((own, exchange) => [
      own.call(exchange, "write", "early"),
      own.call(exchange, "begin", { status: 201 }),
      own.call(exchange, "begin", {}),
      own.call(exchange, "write", "part"),
      own.call(exchange, "write", ""),
      own.call(exchange, "read"),
    ]);
    expect(answer).toMatchObject({ status: 201, text: "part" });
    expect(uses).toEqual(["EXCHANGE_NOT_BEGUN", undefined, "EXCHANGE_BEGUN", undefined, undefined, null]);
  });

  test("one that is begun with a head that is none is a 502", async () => {
    const { answer, uses } = await using((own, exchange) => [
      own.call(exchange, "begin", { headers: { "x a": "" } }),
      own.call(exchange, "write", "part"),
    ]);
    expect(answer).toMatchObject({ status: 502 });
    expect(uses).toEqual(["its answer is not valid", "EXCHANGE_NOT_BEGUN"]);
  });

  test.each([["abcd"], ["ab"]])("a body of another length than was said (%s) is cut off", async (body) => {
    const { answer } = await using((own, exchange) => [
      own.call(exchange, "begin", { headers: { "content-length": "3" } }),
      own.call(exchange, "write", body),
    ]);
    expect(answer).toBe("ECONNRESET");
  });
});
