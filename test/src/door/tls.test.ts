/** Doors that end TLS, with certificates of an authority that is made for each run. */
import { once } from "node:events";
import { get } from "node:https";
import { connect as connectPlain } from "node:net";
import { connect, type TLSSocket } from "node:tls";
import { afterAll, afterEach, expect, test } from "vitest";
import { issueHost, makeAuthority } from "../../../src/cert/certificate.ts";
import {
  httpDoor,
  talkApart,
  tcpDoor,
  type HttpRequest,
  type TcpConnection,
} from "../../../src/door/index.ts";
import { actor, type Ref, type Self } from "../../../src/index.ts";
import { eventually } from "../eventually.ts";
import { Street } from "./visitor.ts";

const street = new Street();
const { self } = street.host;
const authority = makeAuthority("doors", { days: 1 });
const certified = (name: string) => issueHost(authority, name, { days: 1 });
const tls = { names: { "a.example": certified("a.example"), "b.example": certified("b.example") } };
const doors: Ref<never>[] = [];

afterEach(async () => {
  for (const door of doors.splice(0)) await street.end(door);
});
afterAll(async () => {
  await street.host.stop();
  const handles = () => process.getActiveResourcesInfo().filter((name) => name.includes("TCP"));
  await eventually(handles, (left) => left.length === 0);
});

const page = actor({
  init: (_self: Self<never>, name: string) => ({ name }),
  call: { request: ({ name }, { url }: HttpRequest) => ({ body: `${name} ${url}` }) },
});

async function secured(): Promise<number> {
  const names = { "a.example": street.actor(page, "a"), "b.example": street.actor(page, "b") };
  const { ref } = await self.start(httpDoor, { port: 0, names, tls });
  doors.push(ref);
  return (await self.call(ref, "address")).port;
}

/** The page, or the code of what went wrong. */
async function ask(port: number, servername: string, host = servername): Promise<string> {
  return new Promise((resolve) => {
    const options = {
      host: "127.0.0.1",
      port,
      path: "/x",
      servername,
      headers: { host },
      ca: authority.cert,
      agent: false,
    };
    const request = get(options, (response) => {
      let text = "";
      response.on("data", (part: Buffer) => {
        text += part.toString();
      });
      response.on("end", () => resolve(`${response.statusCode} ${text.trim()}`));
    });
    request.on("error", (error: NodeJS.ErrnoException) => resolve(String(error.code)));
  });
}

test("tls: each name has its own certificate and its own service", async () => {
  const port = await secured();
  expect(await ask(port, "a.example")).toBe("200 a /x");
  expect(await ask(port, "b.example")).toBe("200 b /x");
  expect(await ask(port, "a.example", "b.example")).toBe("200 b /x");
  expect(await ask(port, "a.example", "c.example")).toMatch(/^421 /);
});

test("tls: a name without a certificate is refused, and so are those who do not speak it", async () => {
  const port = await secured();
  expect(await ask(port, "c.example")).toMatch(/EPROTO|HANDSHAKE|ALERT|ECONNRESET/);
  const plain = connectPlain(port, "127.0.0.1");
  plain.on("error", () => {});
  const closed = once(plain, "close").catch(() => []);
  plain.write("GET / HTTP/1.1\r\nhost: a.example\r\n\r\n");
  plain.resume();
  await closed;
});

test("tls: a handshake that does not go on ends with the door", async () => {
  const port = await secured();
  const plain = connectPlain(port, "127.0.0.1");
  await once(plain, "connect");
  plain.resume();
  plain.on("error", () => {});
  const closed = new Promise((resolve) => plain.once("close", resolve));
  const [door] = doors;
  self.unlink(door as Ref<never>);
  self.exit(door as Ref<never>, "kill");
  doors.length = 0;
  await closed;
});

test("tls: over TCP the name leads to the service, which gets plain bytes", async () => {
  const shout = actor({
    init: (_self: Self<never>, name: string) => ({ name }),
    call: {
      connection({ name }, connection: TcpConnection) {
        return talkApart(this, connection, async (_self, talk) => {
          await talk.write(`${name} for ${connection.name}: `);
          for await (const bytes of talk.received())
            await talk.write(Buffer.from(bytes).toString().toUpperCase());
        });
      },
    },
  });
  const names = { "a.example": street.actor(shout, "a"), "b.example": street.actor(shout, "b") };
  const { ref } = await self.start(tcpDoor, {
    port: 0,
    names,
    tls: { ...tls, certificate: certified("other") },
  });
  doors.push(ref);
  const { port } = await self.call(ref, "address");
  const visit = async (servername: string): Promise<string> => {
    const socket: TLSSocket = connect({
      host: "127.0.0.1",
      port,
      servername,
      ca: authority.cert,
      rejectUnauthorized: false,
    });
    let text = "";
    socket.on("data", (part: Buffer) => {
      text += part.toString();
    });
    socket.on("error", () => {});
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.once("secureConnect", () => socket.end("hello"));
    await closed;
    return text;
  };
  expect(await visit("a.example")).toBe("a for a.example: HELLO");
  expect(await visit("b.example")).toBe("b for b.example: HELLO");
  expect(await visit("c.example")).toBe("");
  expect(
    await eventually(
      () => self.call(ref, "underWay"),
      (open) => open === 0,
    ),
  ).toBe(0);
});

test("tls: a certificate that is none is told with whose it is", async () => {
  const to = street.actor(page, "a");
  const broken = { cert: "none", key: "none" };
  const failed = { details: { reason: { code: "DOOR_TLS" } } };
  for (const given of [{ names: { "a.example": broken } }, { certificate: broken }]) {
    await expect(self.start(httpDoor, { port: 0, to, tls: given })).rejects.toMatchObject(failed);
  }
});
