/**
 * The way to a NATS server: what the client is told, and what its errors mean. The client's own defaults would give up after ten
 * tries and notice a silent server after minutes.
 */
import type { NodeConnectionOptions } from "@nats-io/transport-node";
import type { MotesError } from "../../kernel/index.ts";
import { linkError } from "../host-link/errors.ts";
import type { HostLinkLimits } from "../host-link/host-link.ts";
import type { NatsClient } from "./client.ts";

/** One way to say who one is, or none. */
export interface NatsServerOptions {
  /** One or more, as `nats://host:4222` or `tls://host:4222`. Others of the cluster are learnt from them. */
  readonly servers: string | readonly string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  /** The seed of an nkey, as text. */
  readonly nkeySeed?: string;
  /** The content of a creds file: a JWT and its seed. */
  readonly creds?: string;
  /** PEM texts. Any of it asks for TLS, as `tls://` does. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** What of the client is used here: it is loaded only where a host asks for NATS. */
type Client = typeof import("@nats-io/transport-node");

/** Rejects with `LINK_OPTION`, `LINK_UNREACHABLE`, `LINK_NATS` (the server does not let this user in). */
export async function connectNats(
  given: NatsServerOptions,
  name: string,
  limits: HostLinkLimits,
): Promise<NatsClient> {
  const ways = [given.user, given.token, given.nkeySeed, given.creds].filter((way) => way !== undefined);
  if (ways.length > 1 || (given.pass === undefined) !== (given.user === undefined))
    throw linkError("LINK_OPTION", {
      option: "the NATS connection",
      expected: "user and pass, token, nkeySeed or creds: one of them, or none",
      got: Object.keys(given).join(", "),
    });
  const client: Client = await import("@nats-io/transport-node");
  const where = [given.servers].flat().join(", ");
  try {
    return await client.connect(optionsOf(client, given, name, limits));
  } catch (problem) {
    throw natsError(problem, where);
  }
}

function optionsOf(
  client: Client,
  given: NatsServerOptions,
  name: string,
  limits: HostLinkLimits,
): NodeConnectionOptions {
  const options: NodeConnectionOptions = {
    name,
    servers: [given.servers].flat(),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 250,
    reconnectJitter: 250,
    // A refused user may be let in again, when the server has read its configuration anew.
    ignoreAuthErrorAbort: true,
    pingInterval: 2 * limits.beatMs,
    maxPingOut: 2,
    timeout: limits.helloTimeoutMs,
    // A host never hears what it says itself.
    noEcho: true,
  };
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  if (given.user !== undefined)
    options.authenticator = client.usernamePasswordAuthenticator(given.user, given.pass);
  if (given.token !== undefined) options.authenticator = client.tokenAuthenticator(given.token);
  if (given.nkeySeed !== undefined)
    options.authenticator = client.nkeyAuthenticator(bytes(given.nkeySeed.trim()));
  if (given.creds !== undefined) options.authenticator = client.credsAuthenticator(bytes(given.creds));
  if (given.tls !== undefined) options.tls = { ...given.tls };
  return options;
}

/** Told apart by name: errors of the client are classes of a module that may not be loaded. */
export function natsError(problem: unknown, where: string): MotesError {
  const { name, message } = problem instanceof Error ? problem : { name: "", message: String(problem) };
  if (/Authorization|Authentication|Permission/.test(name))
    return linkError("LINK_NATS", { why: message }, problem);
  return linkError("LINK_UNREACHABLE", { where, why: message }, problem);
}
