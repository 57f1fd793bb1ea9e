import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { actor, child, isMotesError, supervisor, unikernel, type Ref, type Self } from "motes";
import { placement } from "./placement.ts";
import type { Shard, Store } from "./shard.ts";

/** The front: one VM that listens for HTTP and asks the shard that owns the key. */
export interface FrontOptions {
  readonly port: number;
  readonly hostname: string;
  /** Bodies above this are refused. */
  readonly valueBytesMax: number;
}

interface Front {
  readonly self: Self<never>;
  readonly shards: readonly Ref<Shard>[];
  /** The store in each shard's VM, as long as that VM lives. */
  readonly stores: (Ref<Store> | undefined)[];
  readonly placeOf: (key: string) => number;
  readonly options: FrontOptions;
}

const callTimeoutMs = 1000;

const http = actor({
  label: "http",
  init: async (self: Self<never>, options: FrontOptions, shards: readonly Ref<Shard>[]) => {
    const front: Front = { self, shards, stores: [], placeOf: await placement(shards.length), options };
    const server = createServer((request, response) => void answer(front, request, response));
    await listen(server, options);
    // The port is the actor's: whatever ends it closes the server and its connections.
    self.signal.addEventListener("abort", () => {
      server.close();
      server.closeAllConnections();
    });
    const { port } = server.address() as AddressInfo;
    console.log(`listening on http://${options.hostname}:${port}/`);
    return { port };
  },
  call: { port: ({ port }) => port },
});

async function listen(server: Server, { port, hostname }: FrontOptions): Promise<void> {
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, hostname, () => {
      server.off("error", failed);
      listening();
    });
  });
}

async function answer(front: Front, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const { status, body } = await route(front, request);
    response.writeHead(status, { "content-type": "text/plain; charset=utf-8" }).end(body);
  } catch (problem) {
    // The shard is being restarted, or did not answer in time: the client may try again.
    const why = isMotesError(problem) ? `${problem.code}\n` : `${String(problem)}\n`;
    response.writeHead(503, { "retry-after": "1", "content-type": "text/plain; charset=utf-8" }).end(why);
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function route(front: Front, request: IncomingMessage): Promise<Answer> {
  const { pathname } = new URL(request.url ?? "/", "http://kv");
  if (pathname === "/")
    return { status: 200, body: `${front.shards.length} shards; GET, PUT, DELETE /kv/<key>\n` };
  const key = pathname.startsWith("/kv/") ? decodeKey(pathname.slice(4)) : undefined;
  if (key === undefined) return { status: 404, body: "no such page: GET, PUT, DELETE /kv/<key>\n" };
  const { self } = front;
  const shard = front.placeOf(key);
  switch (request.method) {
    case "GET": {
      const value = await asking(front, shard, (to) => self.callWithin(callTimeoutMs, to, "get", key));
      return value === undefined ? { status: 404, body: "no such key\n" } : { status: 200, body: value };
    }
    case "PUT": {
      const value = await read(request, front.options.valueBytesMax);
      if (value === undefined)
        return { status: 413, body: `more than ${front.options.valueBytesMax} bytes\n` };
      await asking(front, shard, (to) => self.callWithin(callTimeoutMs, to, "put", key, value));
      return { status: 204, body: "" };
    }
    case "DELETE": {
      const there = await asking(front, shard, (to) => self.callWithin(callTimeoutMs, to, "remove", key));
      return there ? { status: 204, body: "" } : { status: 404, body: "no such key\n" };
    }
    default:
      return { status: 405, body: "GET, PUT or DELETE\n" };
  }
}

/** Asks the store of a shard. Its address is asked for once in the life of the shard's VM. */
async function asking<R>(
  front: Front,
  shard: number,
  ask: (store: Ref<Store>) => PromiseLike<R>,
): Promise<R> {
  try {
    return await ask(front.stores[shard] ?? (await find(front, shard)));
  } catch (problem) {
    front.stores[shard] = undefined;
    throw problem;
  }
}

async function find(front: Front, shard: number): Promise<Ref<Store>> {
  const supervisorOf = front.shards[shard];
  if (supervisorOf === undefined) throw new Error(`no shard ${shard}`);
  const { store } = await front.self.callWithin(callTimeoutMs, supervisorOf, "children");
  front.stores[shard] = store;
  return store;
}

/** Undefined: it is longer than it may be. */
async function read(request: IncomingMessage, bytesMax: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const part = chunk as Buffer;
    bytes += part.length;
    if (bytes > bytesMax) return undefined;
    chunks.push(part);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function decodeKey(text: string): string | undefined {
  try {
    return text === "" ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** The root of the front's VM. */
export const front = supervisor(
  (_self, options: FrontOptions, shards: readonly Ref<Shard>[]) => ({
    children: { http: child(http, [options, shards]) },
  }),
  { label: "front" },
);

export const frontVm = unikernel({ name: "front", root: front, memoryMb: 128 });
