/**
 * Answers each request with the same bytes. First argument, how: `bare` is a server of node:http, `door` a door and an actor in one
 * VM, `vms` a door that leads to another VM. The load comes from other processes.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { httpDoor, type HttpService } from "../../../src/door/index.ts";
import { bundle, createHost, type Host, type Ref } from "../../../src/index.ts";
import { greeting } from "../apps/greeting.ts";
import { askedCount, printSample } from "../contender.ts";
import { load } from "./wrk.ts";

const idleConnections = 10_000;
const keepAliveTimeoutMs = 300_000;

async function bare(): Promise<number> {
  const { body, headers } = greeting.answer;
  const server = createServer((_request, response) => {
    response.writeHead(200, { ...headers, "content-length": body.length });
    response.end(body);
  });
  server.keepAliveTimeout = keepAliveTimeoutMs;
  server.headersTimeout = keepAliveTimeoutMs;
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

async function doored(host: Host, to: Ref<HttpService>): Promise<number> {
  const limits = { keepAliveTimeoutMs, headersTimeoutMs: keepAliveTimeoutMs };
  const { ref } = await host.self.start(httpDoor, { port: 0, to, limits });
  return (await host.self.call(ref, "address")).port;
}

async function served(how: string | undefined): Promise<number> {
  if (how === "bare") return bare();
  const host = createHost();
  if (how === "door") return doored(host, host.self.spawn(greeting.actor));
  const image = await bundle(fileURLToPath(new URL("../apps/greeting.js", import.meta.url)));
  const vm = await host.boot(image);
  // The root of that program: its protocol is known from the module that was bundled.
  return doored(host, vm.root as Ref<never> as Ref<HttpService>);
}

function residentBytes(): number {
  for (let i = 0; i < 4; i++) globalThis.gc?.();
  return process.memoryUsage().rss;
}

/** What one more connection takes of this process, when it has had its answer and says nothing. */
async function idleBytes(port: number, count: number): Promise<number> {
  const clients = fork(fileURLToPath(new URL("clients.js", import.meta.url)), [String(port), String(count)]);
  await once(clients, "message");
  const beforeBytes = residentBytes();
  clients.send("go");
  await once(clients, "message");
  const bytesEach = (residentBytes() - beforeBytes) / count;
  clients.kill();
  await once(clients, "exit");
  return bytesEach;
}

const count = askedCount();
const port = await served(process.argv.at(-2));
const bytesEach = await idleBytes(port, Math.min(idleConnections, count));
const warm = await load(port, 1);
const { requests, elapsedNs, failed } = await load(port, Math.max(1, Math.round(count / 50_000)));
const check = warm.failed + failed === 0 ? "none failed" : `${warm.failed + failed} failed`;
// As long as so many would have taken.
printSample({ work: count, elapsedNs: (elapsedNs * count) / requests, check, extra: { bytesEach } });
process.exit();
