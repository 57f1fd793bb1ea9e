import { defineCommand } from "citty";
import type { TcpAddress, TlsCredentials } from "../../transports/index.ts";
import type { JoinNatsOptions, JoinOptions, JoinTcpOptions } from "../cluster/join-options.ts";
import { sharedOperations } from "../control/operations.ts";
import { srcError } from "../errors.ts";
import { createHost } from "../host/host.ts";
import { parseDevices } from "../image/devices.ts";
import { natsArgs, natsServerOf, textOf, type Typed } from "./nats-options.ts";
import { namedTarget, targetNames } from "./named-target.ts";
import { checkOptions } from "./options.ts";
import { valuesOf } from "./repeated-option.ts";
import { onInterrupt, openControl, terminalLog } from "./session.ts";

const args = {
  name: { type: "string", description: "The host's name, which nobody else in its cluster has" },
  cluster: { type: "string", description: "Hosts of other clusters are refused. Default: motes" },
  listen: { type: "string", description: "Where other hosts reach this one: --listen 10.0.0.1:7400" },
  peer: {
    type: "string",
    description: "Another host: --peer b=10.0.0.2:7400, or --peer b with --nats. May be given more than once",
  },
  ca: { type: "string", description: "The certificate of the cluster's authority, a file: motes cert init" },
  cert: { type: "string", description: "This host's certificate, a file: motes cert issue" },
  key: { type: "string", description: "Its key, a file" },
  plain: { type: "boolean", description: "Without TLS, between hosts of this machine" },
  ...natsArgs,
  target: { type: "string", description: `What a VM is: ${targetNames}`, default: "isolate" },
  allow: {
    type: "string",
    description: "Devices that VMs of other hosts may have here: --allow listen,connect",
    default: "",
  },
  vms: {
    type: "string",
    description: "VMs that other hosts may have here at a time. Default: what the host can hold",
  },
  json: { type: "boolean", description: "Log as JSON lines" },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

const usage =
  "motes host --name a --listen 10.0.0.1:7400 --ca ca.pem --cert a.pem --key a.key --peer b=10.0.0.2:7400";

/** `motes host --name a --listen ...`: a host that boots what other hosts ask it to, and stays until Ctrl-C. */
export const host = defineCommand({
  meta: { name: "host", description: "Run a host that joins others and boots for them" },
  args,
  async run({ args: given, rawArgs }) {
    checkOptions(rawArgs, args);
    const { name, target, allow, vms, json } = given;
    if (name === undefined) throw srcError("MISSING_ARGUMENT", { what: "the host's name", usage });
    const options: JoinOptions = {
      name,
      ...(given.cluster === undefined ? {} : { cluster: given.cluster }),
      ...(await networksOf(given as Typed, valuesOf(rawArgs, "--peer"))),
      boots: {
        devices: parseDevices(allow),
        ...(vms === undefined ? {} : { vmsMax: countOf("--vms", vms) }),
      },
    };
    const log = terminalLog(json === true);
    const made = createHost({ target: namedTarget(target), log });
    const interrupted = onInterrupt();
    const control = await openControl(made, name, log);
    try {
      const { address } = await made.join(options, sharedOperations(made, name));
      const where = address === undefined ? "" : `, at ${address.host}:${address.port}`;
      log.line("host", { level: "info", text: `the host ${name} is up${where}` });
      await interrupted.promise;
      return 0;
    } finally {
      interrupted.stop();
      await control?.close();
      await made.stop();
    }
  },
});

async function networksOf(
  given: Typed,
  peers: readonly string[],
): Promise<{ readonly tcp?: JoinTcpOptions; readonly nats?: JoinNatsOptions }> {
  const named = peers.filter((peer) => !peer.includes("="));
  const addressed = peers.filter((peer) => peer.includes("="));
  const { listen } = given;
  const server = await natsServerOf(given);
  const usesTcp = listen !== undefined || addressed.length > 0;
  if (!usesTcp && server === undefined)
    throw srcError("MISSING_ARGUMENT", { what: "--listen, --peer name=host:port or --nats", usage });
  if (named.length > 0 && server === undefined)
    throw srcError("HOST_OPTION", {
      option: "--peer",
      expected: "name=host:port, or a name with --nats",
      got: named.join(", "),
    });
  return {
    ...(usesTcp ? { tcp: await tcpOf(given, addressed) } : {}),
    ...(server === undefined ? {} : { nats: { ...server, peers: named } }),
  };
}

async function tcpOf(given: Typed, peers: readonly string[]): Promise<JoinTcpOptions> {
  const { listen } = given;
  const addresses = peers.map((peer) => {
    const at = peer.indexOf("=");
    return [peer.slice(0, at), addressOf("--peer", peer.slice(at + 1))] as const;
  });
  return {
    security: given["plain"] === true ? "plain" : await credentialsOf(given),
    peers: Object.fromEntries(addresses),
    ...(typeof listen === "string" ? { listen: addressOf("--listen", listen) } : {}),
  };
}

async function credentialsOf({ ca, cert, key }: Typed): Promise<TlsCredentials> {
  if (typeof ca !== "string" || typeof cert !== "string" || typeof key !== "string")
    throw srcError("MISSING_ARGUMENT", {
      what: "--ca, --cert and --key (made by motes cert), or --plain",
      usage,
    });
  const [caText, certText, keyText] = await Promise.all([
    textOf("--ca", ca),
    textOf("--cert", cert),
    textOf("--key", key),
  ]);
  return { ca: caText, cert: certText, key: keyText };
}

function addressOf(option: string, text: string): TcpAddress {
  const [, bracketed, plain = bracketed, port] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  if (plain !== undefined && Number(port) < 65_536) return { host: plain, port: Number(port) };
  throw srcError("HOST_OPTION", { option, expected: "host:port", got: text });
}

function countOf(option: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw srcError("HOST_OPTION", { option, expected: "a number", got: text });
}
