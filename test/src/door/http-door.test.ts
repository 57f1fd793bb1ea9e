import { Agent } from "node:http";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import {
  answerApart,
  wholeBody,
  type HttpService,
  type HttpLimits,
  type HttpRequest,
  type HttpResponse,
} from "../../../src/door/index.ts";
import { actor, child, supervisor, type Caller, type Ref, type Self } from "../../../src/index.ts";
import { eventually } from "../eventually.ts";
import { Street, type Door } from "./visitor.ts";

/** Says what it was asked. */
const echo = actor({
  label: "echo",
  init: (_self: Self<never>, name: string) => ({ name }),
  call: {
    request: ({ name }, { method, url, headers, body }: HttpRequest): HttpResponse => ({
      status: 203,
      headers: { "x-name": name, "x-seen": [...headers.keys()].join(" ") },
      body: `${method} ${url} ${body === undefined ? "streamed" : body.length}`,
    }),
  },
});

const street = new Street();
const doors: Door[] = [];
const open = async (...options: Parameters<Street["door"]>): Promise<Door> => {
  const door = await street.door(...options);
  doors.push(door);
  return door;
};
const { self } = street.host;

afterEach(async () => {
  for (const door of doors.splice(0)) {
    door.leave();
    await street.end(door.ref);
  }
});
afterAll(async () => {
  await street.host.stop();
  const handles = () => process.getActiveResourcesInfo().filter((name) => name.includes("TCP"));
  await eventually(handles, (left) => left.length === 0);
});

/** Answers with the first of these that the request is for. */
const answering = (answer: (request: HttpRequest) => HttpResponse) =>
  actor({
    label: "page",
    init: () => ({}),
    call: { request: (_state, request: HttpRequest) => answer(request) },
  });

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

describe("http door: requests", () => {
  test.each(["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])(
    "%s reaches the actor with its path, headers and body, and its answer the client",
    async (method) => {
      const door = await open({ to: street.actor(echo, "a") });
      const { status, text, headers } = await door.ask("/p?q=%20", {
        method,
        headers: {
          "content-length": 3,
          "x-own": "1",
          connection: "close, x-hop",
          "x-hop": "1",
          te: "trailers",
        },
        body: "abc",
      });
      expect([status, text]).toEqual([203, `${method} /p?q=%20 3`]);
      expect(headers["x-name"]).toBe("a");
      const seen = String(headers["x-seen"]).split(" ");
      expect(seen).toContain("x-own");
      for (const hop of ["connection", "x-hop", "te", "transfer-encoding"]) expect(seen).not.toContain(hop);
    },
  );

  test("HEAD has the headers of GET, and no body", async () => {
    const door = await open({ to: street.actor(echo, "a") });
    const { headers, body } = await door.ask("/", { method: "HEAD" });
    expect([headers["content-length"], body.length]).toEqual([String("HEAD / 0".length), 0]);
  });

  test.each([204, 304])("%i has no body, and the connection goes on", async (status) => {
    const page = answering(() => ({ status, body: "not to be seen" }));
    const door = await open({ to: street.actor(page) });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 3; i++) {
      const answer = await door.ask("/", { agent });
      expect([answer.status, answer.text]).toEqual([status, ""]);
    }
    agent.destroy();
  });

  test("many requests go over one connection, pipelined ones are answered in order", async () => {
    const door = await open({ to: street.actor(echo, "a") });
    const wire = await door.wire();
    const paths = Array.from({ length: 20 }, (_, n) => `/${n}`);
    wire.socket.write(paths.map((path) => `GET ${path} HTTP/1.1\r\nhost: a\r\n\r\n`).join(""));
    const text = await wire.until((got) => got.includes("GET /19 0"));
    expect([...text.matchAll(/GET (\/\d+) 0/g)].map(([, path]) => path)).toEqual(paths);
    wire.socket.destroy();
  });

  test("a target in a proxy's form is a name and a path; another is refused", async () => {
    const door = await open({ names: { "b.example": street.actor(echo, "b") } });
    expect((await door.ask("http://b.example:80/x?y", { headers: { host: "a" } })).text).toBe("GET /x?y 0");
    expect((await door.ask("http://b.example?y", { headers: { host: "a" } })).text).toBe("GET /?y 0");
    expect((await door.ask("ftp://b.example/x", { headers: { host: "b.example" } })).status).toBe(400);
  });

  test("a body is sent along up to the limit, whatever its framing, and streamed above", async () => {
    const door = await open({ to: street.actor(echo, "a"), limits: { inlineBytesMax: 1000 } });
    for (const headers of [{}, { "transfer-encoding": "chunked" }]) {
      const asked = (bytes: number) => door.ask("/", { method: "POST", headers, body: Buffer.alloc(bytes) });
      expect((await asked(0)).text).toBe("POST / 0");
      expect((await asked(1000)).text).toBe("POST / 1000");
      expect((await asked(1001)).text).toBe("POST / streamed");
    }
  });

  test("names of one door lead to their actors, an unknown one is refused with 421", async () => {
    const [a, b] = [street.actor(echo, "a"), street.actor(echo, "b")];
    const door = await open({ names: { "A.example": a, "b.example.": b } });
    const named = async (host: string): Promise<unknown> => {
      const { status, headers } = await door.ask("/", { headers: { host } });
      return headers["x-name"] ?? status;
    };
    expect(await named("a.example")).toBe("a");
    expect(await named("B.EXAMPLE:8080")).toBe("b");
    expect(await named("c.example")).toBe(421);
    await self.call(door.ref, "lead", "c.example", a);
    expect(await named("c.example")).toBe("a");
    expect(await self.call(door.ref, "forget", "a.example")).toBe(true);
    expect(await self.call(door.ref, "forget", "a.example")).toBe(false);
    expect(await named("a.example")).toBe(421);
  });
});

describe("http door: what it refuses", () => {
  test("headers above the limit: 431", async () => {
    const door = await open({ to: street.actor(echo, "a"), limits: { headerBytesMax: 1000 } });
    expect((await door.ask("/", { headers: { big: "x".repeat(2000) } })).status).toBe(431);
  });

  test("a body above the limit: 413, said before it was sent, or found while it is read", async () => {
    const door = await open({ to: street.actor(echo, "a"), limits: { bodyBytesMax: 100_000 } });
    const long = Buffer.alloc(100_001);
    expect((await door.ask("/", { method: "POST", body: long })).status).toBe(413);
    const reader = actor({
      init: (own: Self<never>) => ({ own }),
      call: {
        request: async ({ own }, request: HttpRequest) => ({
          body: String((await wholeBody(own, request, Infinity))?.length),
        }),
      },
    });
    const other = await open({ to: street.actor(reader), limits: { bodyBytesMax: 100_000 } });
    const headers = { "transfer-encoding": "chunked" };
    expect((await other.ask("/", { method: "POST", headers, body: long })).status).toBe(413);
  });

  test("Expect: 100-continue is answered with 100, or with 413 at once", async () => {
    const door = await open({ to: street.actor(echo, "a"), limits: { bodyBytesMax: 100_000 } });
    const ask = async (length: number): Promise<string> => {
      const wire = await door.wire();
      wire.socket.write(
        `POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: ${length}\r\n\r\n`,
      );
      const first = await wire.until((text) => text.includes("\r\n\r\n"));
      if (first.startsWith("HTTP/1.1 100 ")) wire.socket.write("x".repeat(length));
      const text = await wire.until((got) => got.includes("POST / ") || got.includes("longer"));
      wire.socket.destroy();
      return text;
    };
    expect(await ask(5)).toMatch(/^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 203 [^]*POST \/ 5$/);
    expect(await ask(100_001)).toMatch(/^HTTP\/1.1 413 /);
  });

  test("what is no HTTP: 400; two framings at once: 400", async () => {
    const door = await open({ to: street.actor(echo, "a") });
    const smuggled =
      "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    for (const bytes of ["what is this\r\n\r\n", smuggled, "GET / HTTP/1.1\r\n\r\n"]) {
      const wire = await door.wire();
      wire.socket.write(bytes);
      expect(await wire.end()).toMatch(/^HTTP\/1.1 400 /);
      wire.socket.destroy();
    }
  });

  test("headers that do not come, or a body that does not: 408", async () => {
    const slow = async (bytes: string, limits: Partial<HttpLimits>): Promise<string> => {
      const door = await open({ to: street.actor(echo, "a"), limits });
      const wire = await door.wire();
      wire.socket.write(bytes);
      return wire.end();
    };
    expect(await slow("GET / HTTP/1.1\r\nhost: ", { headersTimeoutMs: 30 })).toMatch(/^HTTP\/1.1 408 /);
    const body = "POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\nhalf";
    expect(await slow(body, { requestTimeoutMs: 30 })).toMatch(/^HTTP\/1.1 408 /);
  });

  test("a client that takes nothing for too long is cut off, and the writer ends", async () => {
    let aborted = (): void => {};
    const ended = new Promise<void>((resolve) => (aborted = resolve));
    const chunk = Buffer.alloc(64 * 1024);
    const page = respond((_request, own) => {
      own.signal.addEventListener("abort", aborted);
      return {
        body: (function* () {
          for (;;) yield chunk;
        })(),
      };
    });
    const limits = { stallTimeoutMs: 100, answerTimeoutMs: 100 };
    const door = await open({ to: street.actor(page), limits });
    const wire = await door.wire();
    wire.socket.pause();
    wire.socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    await ended;
  });

  test("more requests than may be under way: 503, and room again when one is answered", async () => {
    const { caller, page } = patient();
    const door = await open({ to: street.actor(page), limits: { requestsMax: 1 } });
    const first = door.ask("/1");
    const answer = await caller();
    const { status, headers } = await door.ask("/2");
    expect([status, headers["retry-after"]]).toEqual([503, "1"]);
    answer("done");
    expect((await first).text).toBe("done");
    expect(await self.call(door.ref, "underWay")).toBe(0);
  });

  test.each([
    ["a status that is none", { status: 42 }],
    ["a status that is not final", { status: 101 }],
    ["a header with a line break", { headers: { "x-a": "b\r\nset-cookie: c" } }],
    ["a header whose name is none", { headers: { "x a": "b" } }],
    ["a body that is none", { body: 7 as never }],
    ["nothing", undefined as never],
    ["the end of a stream that was not begun", "streamed" as never],
  ])("%s from the actor: 502 and a line in the log", async (_what, answer) => {
    const errors: string[] = [];
    const { error } = console;
    console.error = (line: string) => void errors.push(line);
    const door = await open({ to: street.actor(answering(() => answer)) });
    expect((await door.ask("/where")).status).toBe(502);
    console.error = error;
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("GET /where is not valid");
  });

  test("headers of the connection are the door's own, and a length is what the body has", async () => {
    const headers = {
      connection: "close",
      "transfer-encoding": "gzip",
      "Content-Length": "99",
      "set-cookie": ["a", "b"],
    };
    const door = await open({ to: street.actor(answering(() => ({ headers, body: "four" }))) });
    const agent = new Agent({ keepAlive: true });
    const answer = await door.ask("/", { agent });
    agent.destroy();
    expect(answer.headers).toMatchObject({
      connection: "keep-alive",
      "content-length": "4",
      "set-cookie": ["a", "b"],
    });
    expect(answer.headers["transfer-encoding"]).toBeUndefined();
  });

  test("options that make no sense and a port that is taken are told with a code", async () => {
    const to = street.actor(echo, "a");
    const door = await open({ to });
    const failed = (code: string) => ({ code: "START_FAILED", details: { reason: { code } } });
    await expect(open({ to, port: door.port })).rejects.toMatchObject(failed("DOOR_PORT_TAKEN"));
    await expect(open({ to, host: "192.0.2.1" })).rejects.toMatchObject(failed("DOOR_NOT_LISTENING"));
    await expect(open({})).rejects.toMatchObject(failed("DOOR_NO_SERVICE"));
    await expect(open({ to, limits: { drainMs: -1 } })).rejects.toMatchObject(failed("DOOR_OPTION"));
    // @ts-expect-error -- no such limit
    await expect(open({ to, limits: { drain: 1 } })).rejects.toMatchObject(failed("DOOR_OPTION"));
  });
});

/** A page that answers when the test says so. */
function patient() {
  const waiting: ((text: string) => void)[] = [];
  let look: (answer: (text: string) => void) => void = (answer) => void waiting.push(answer);
  const page = actor({
    label: "patient",
    init: () => ({}),
    call: {
      request(_state, _request: HttpRequest) {
        const caller = this.caller<HttpResponse>();
        look((body) => caller.reply({ body }));
        return caller.later;
      },
    },
  });
  const caller = (): Promise<(text: string) => void> =>
    new Promise((resolve) => {
      const [first] = waiting.splice(0, 1);
      if (first !== undefined) resolve(first);
      else look = resolve;
    });
  return { page, caller };
}

describe("http door: an actor that fails", () => {
  test("its crash is a 503, and the next request finds the one that was restarted", async () => {
    const page = actor({
      label: "page",
      init: () => ({}),
      call: {
        request: (_state, { url }: HttpRequest): HttpResponse => {
          if (url === "/crash") throw new Error("secret");
          return { body: "fine" };
        },
      },
    });
    const tree = await self.start(supervisor({ children: { page: child(page, []) } }));
    const door = await open({ to: tree.children.page });
    const { status, text, headers } = await door.ask("/crash");
    expect([status, headers["retry-after"]]).toEqual([503, "1"]);
    expect(text).toMatch(/CALL_EXIT/);
    expect(text).not.toMatch(/secret/);
    expect((await door.ask("/")).text).toBe("fine");
    await street.end(tree.ref);
    expect((await door.ask("/")).status).toBe(503);
  });

  test("a client that goes away takes its call back", async () => {
    let asked = (_caller: Caller<HttpResponse>): void => {};
    const came = new Promise<Caller<HttpResponse>>((resolve) => (asked = resolve));
    const page = actor({
      init: () => ({}),
      call: {
        request(_state, _request: HttpRequest) {
          const caller = this.caller<HttpResponse>();
          asked(caller);
          return caller.later;
        },
      },
    });
    const door = await open({ to: street.actor(page) });
    const wire = await door.wire();
    wire.socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    const caller = await came;
    expect(caller.waiting).toBe(true);
    wire.socket.destroy();
    await eventually(
      () => caller.waiting,
      (waiting) => !waiting,
    );
  });

  test("an answer that takes too long is a 504", async () => {
    const door = await open({ to: street.actor(patient().page), limits: { answerTimeoutMs: 10 } });
    expect((await door.ask("/")).status).toBe(504);
    expect(await self.call(door.ref, "underWay")).toBe(0);
  });

  test("an actor that is no HTTP service is a 502", async () => {
    const other = street.actor(actor({ init: () => ({}), call: { other: () => 1 } }));
    const door = await open({ to: other as Ref<never> as Ref<HttpService> });
    expect((await door.ask("/")).status).toBe(502);
  });
});

describe("http door: its end", () => {
  test("requests under way are answered, new ones find nobody, and the port is free", async () => {
    const { caller, page } = patient();
    const door = await street.door({ to: street.actor(page) });
    const agent = new Agent({ keepAlive: true });
    const asked = door.ask("/", { agent });
    const answer = await caller();
    const ended = street.end(door.ref);
    await expect(eventuallyRefused(door)).resolves.toBe("ECONNREFUSED");
    answer("the last");
    const { text, headers } = await asked;
    expect(text).toBe("the last");
    expect(headers.connection).toBe("close");
    await ended;
    agent.destroy();
    const again = await street.door({ to: street.actor(echo, "a"), port: door.port });
    await street.end(again.ref);
  });

  test("what is not answered in time is cut off", async () => {
    const { caller, page } = patient();
    const door = await street.door({ to: street.actor(page), limits: { drainMs: 10 } });
    const asked = door.ask("/").catch((error: NodeJS.ErrnoException) => error.code);
    await caller();
    await street.end(door.ref);
    expect(await asked).toBe("ECONNRESET");
  });

  test("killed, it is gone with its connections", async () => {
    const { caller, page } = patient();
    const door = await street.door({ to: street.actor(page) });
    const asked = door.ask("/").catch((error: NodeJS.ErrnoException) => error.code);
    await caller();
    self.unlink(door.ref);
    self.exit(door.ref, "kill");
    expect(await asked).toBe("ECONNRESET");
    await expect(eventuallyRefused(door)).resolves.toBe("ECONNREFUSED");
  });
});

/** The door closes in its own turn. */
async function eventuallyRefused(door: Door): Promise<string | undefined> {
  for (;;) {
    const wire = await door.wire().catch((error: NodeJS.ErrnoException) => error);
    if (wire instanceof Error) return (wire as NodeJS.ErrnoException).code;
    wire.socket.destroy();
  }
}
