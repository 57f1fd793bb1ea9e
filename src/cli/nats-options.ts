import { readFile } from "node:fs/promises";
import type { NatsServerOptions } from "../../transports/index.ts";
import { srcError } from "../errors.ts";

/** How a NATS server is reached, as options of commands. */
export const natsArgs = {
  nats: { type: "string", description: "A NATS server to meet at: --nats nats://10.0.0.9:4222" },
  "nats-user": { type: "string", description: "Its user" },
  "nats-pass": { type: "string", description: "Its user's password" },
  "nats-token": { type: "string", description: "Its token" },
  "nats-creds": { type: "string", description: "A file of credentials for it" },
} as const;

/** What was typed. */
export type Typed = Readonly<Record<string, string | boolean | undefined>>;

/** Undefined: none was named. Throws `HOST_OPTION`. */
export async function natsServerOf(given: Typed): Promise<NatsServerOptions | undefined> {
  const {
    nats: servers,
    "nats-user": user,
    "nats-pass": pass,
    "nats-token": token,
    "nats-creds": creds,
  } = given;
  if (typeof servers !== "string") return undefined;
  return {
    servers,
    ...(typeof user === "string" ? { user } : {}),
    ...(typeof pass === "string" ? { pass } : {}),
    ...(typeof token === "string" ? { token } : {}),
    ...(typeof creds === "string" ? { creds: await textOf("--nats-creds", creds) } : {}),
  };
}

export async function textOf(option: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    throw srcError("HOST_OPTION", { option, expected: "a file that can be read", got: path });
  }
}
