import type { Server, TlsOptions } from "node:tls";
import { doorError } from "./errors.ts";

/** PEM texts: the certificate with those between it and its root, and its key. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/**
 * What a door shows to clients that speak TLS, 1.2 at least. It ends here: what a service gets is plain, so that one in a VM without
 * TLS of its own can serve, and keys need be nowhere else.
 */
export interface DoorTls {
  /** By the name that the client asks for (SNI); `*.blog.example` is any with one label in place of the star. */
  readonly names?: Readonly<Record<string, Certified>>;
  /** For clients that ask for another name, or for none. Default: they are refused. */
  readonly certificate?: Certified;
}

/** For `createServer`. */
export function tlsOptions({ certificate }: DoorTls, handshakeTimeoutMs: number): TlsOptions {
  const { cert, key } = certificate ?? {};
  return {
    minVersion: "TLSv1.2",
    handshakeTimeout: handshakeTimeoutMs,
    ...(cert === undefined ? {} : { cert, key }),
  };
}

/** Throws `DOOR_TLS`. */
export function addCertificates(server: Pick<Server, "addContext">, { names = {} }: DoorTls): void {
  for (const [name, { cert, key }] of Object.entries(names)) {
    withCertificate(name, () => server.addContext(name.toLowerCase(), { cert, key, minVersion: "TLSv1.2" }));
  }
}

/** What OpenSSL says against a certificate is told with whose it is. Throws `DOOR_TLS`. */
export function withCertificate<T>(name: string, use: () => T): T {
  try {
    return use();
  } catch (problem) {
    throw doorError("DOOR_TLS", { name, why: problem instanceof Error ? problem.message : String(problem) });
  }
}
