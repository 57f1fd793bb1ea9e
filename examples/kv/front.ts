import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { actor, child, supervisor, unikernel, type Ref, type Self } from "motes";
import { answer } from "./api.ts";
import { Owners } from "./owners.ts";
import type { Shard } from "./shard.ts";

/** The front: one VM that listens for HTTP and asks the shard that owns the key. */
export interface FrontOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly hostname: string;
  /** Bodies above this are refused. */
  readonly valueBytesMax: number;
}

const connectionsMax = 1024;
/** A request that is not all there after so long is refused by Node. */
const requestTimeoutMs = 10_000;

const http = actor({
  label: "http",
  init: async (self: Self<never>, options: FrontOptions, shards: readonly Ref<Shard>[]) => {
    const owners = await Owners.of(self, shards);
    const { valueBytesMax, hostname } = options;
    const server = createServer({ requestTimeout: requestTimeoutMs }, (request, response) => {
      void answer(owners, valueBytesMax, request, response);
    });
    server.maxConnections = connectionsMax;
    await listen(server, options);
    // The port is the actor's: whatever ends it closes the server and its connections.
    self.signal.addEventListener("abort", () => {
      server.close();
      server.closeAllConnections();
    });
    // Sound: it listens on a TCP port.
    const { port } = server.address() as AddressInfo;
    console.log(`listening on http://${hostname}:${port}/`);
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

/** The root of the front's VM. */
export const front = supervisor(
  (_self, options: FrontOptions, shards: readonly Ref<Shard>[]) => ({
    intensity: { restarts: 5, withinMs: 10_000 },
    children: { http: child(http, [options, shards]) },
  }),
  { label: "front" },
);

export const frontVm = unikernel({ name: "front", root: front, memoryMb: 128, devices: ["listen"] });
