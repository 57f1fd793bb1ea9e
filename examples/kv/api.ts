import type { IncomingMessage, ServerResponse } from "node:http";
import { isMotesError } from "motes";
import type { Owners } from "./owners.ts";

/** The service as HTTP: `GET`, `PUT`, `DELETE /kv/<key>`. A key is any text, percent-encoded; a value is any bytes. */
interface Reply {
  readonly status: number;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

const keyBytesMax = 1024;
const methods = "GET, HEAD, PUT, DELETE";

/** Answers one request. Never rejects. */
export async function answer(
  owners: Owners,
  valueBytesMax: number,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let reply: Reply;
  try {
    reply = await route(owners, valueBytesMax, request);
  } catch (problem) {
    // The client went away while it sent.
    if (request.destroyed && !request.complete) return;
    reply = failure(problem);
  }
  const { status, body = "", headers = {} } = reply;
  const type = typeof body === "string" ? "text/plain; charset=utf-8" : "application/octet-stream";
  const typed = status === 204 ? {} : { "content-type": type, "content-length": Buffer.byteLength(body) };
  response.writeHead(status, { ...typed, ...headers }).end(body);
}

async function route(owners: Owners, valueBytesMax: number, request: IncomingMessage): Promise<Reply> {
  // Not `URL`, which would make other keys of "." and "..".
  const [path = ""] = (request.url ?? "").split("?");
  if (path === "/") return { status: 200, body: `motes kv: ${methods} /kv/<key>\n` };
  const key = path.startsWith("/kv/") ? decoded(path.slice("/kv/".length)) : "";
  if (key === undefined) return { status: 400, body: "the key is not percent-encoded UTF-8\n" };
  if (key === "") return { status: 404, body: `no such page: ${methods} /kv/<key>\n` };
  if (Buffer.byteLength(key) > keyBytesMax)
    return { status: 414, body: `the key has more than ${keyBytesMax} bytes\n` };
  switch (request.method) {
    case "GET":
    case "HEAD": {
      const value = await owners.get(key);
      return value === undefined ? noKey : { status: 200, body: value };
    }
    case "PUT": {
      const value = await read(request, valueBytesMax);
      if (value === undefined)
        return { status: 413, body: `the value has more than ${valueBytesMax} bytes\n` };
      return (await owners.put(key, value)) ? { status: 204 } : full;
    }
    case "DELETE":
      return (await owners.remove(key)) ? { status: 204 } : noKey;
    default:
      return { status: 405, body: `${methods}\n`, headers: { allow: methods } };
  }
}

const noKey: Reply = { status: 404, body: "no such key\n" };
const full: Reply = {
  status: 507,
  body: "the shard that owns this key is full: delete others of its keys\n",
};

function failure(problem: unknown): Reply {
  if (!isMotesError(problem)) {
    console.error(problem);
    return { status: 500, body: "a bug in the front; see its log\n" };
  }
  // A put that timed out may have been done: ask again, since doing it twice does no harm.
  const body = `${problem.code}: the shard that owns this key is away; try again\n`;
  return { status: 503, body, headers: { "retry-after": "1" } };
}

/** Undefined: it is longer than it may be. It is read to its end nevertheless, or the client would not read our answer. */
async function read(request: IncomingMessage, bytesMax: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = chunk as Buffer;
    bytes += part.length;
    if (bytes <= bytesMax) chunks.push(part);
    else chunks.length = 0;
  }
  return bytes > bytesMax ? undefined : joined(chunks, bytes);
}

/** A plain array of bytes of its own: that is what can be sent to another VM. */
function joined(chunks: readonly Uint8Array[], bytes: number): Uint8Array {
  const all = new Uint8Array(bytes);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
