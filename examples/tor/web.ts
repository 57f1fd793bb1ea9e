import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { actor } from "motes";

export const greeting = "hello from loopback\n";

/** What is asked for through the network: a server on 127.0.0.1 that greets. Its port is its actor's, and closes with it. */
export const web = actor({
  label: "web",
  init: async (self) => {
    const server = createServer((_request, response) => response.end(greeting));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    self.signal.addEventListener("abort", () => {
      server.close();
      server.closeAllConnections();
    });
    // Sound: it listens on a port of TCP.
    const { port } = server.address() as AddressInfo;
    return { port };
  },
  call: { port: ({ port }) => port },
});
