/**
 * Who a host is to other hosts, by certificate: its own, its key, and the authority that it trusts and no other. A certificate binds
 * the host's name by a DNS name in its subject alternative names, letter for letter, without wild cards.
 */
import { createSecureContext, type SecureContextOptions, type TLSSocket } from "node:tls";
import type { MotesError } from "../../kernel/index.ts";
import { linkError } from "../host-link/errors.ts";

/** PEM texts, as `motes cert` writes them. */
export interface TlsCredentials {
  /** The certificate of the cluster's authority. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** What both ends of TLS are made with. Throws `LINK_TLS` for what is no certificate or key, or where they do not belong together. */
export function checkedCredentials({ ca, cert, key }: TlsCredentials): SecureContextOptions {
  const options: SecureContextOptions = { ca, cert, key, minVersion: "TLSv1.3" };
  try {
    createSecureContext(options);
    return options;
  } catch (problem) {
    const why = "its certificate, key or authority cannot be used";
    throw linkError("LINK_TLS", { why, detail: String(problem) }, problem);
  }
}

/** Why the peer's certificate is not taken; undefined if it is. Only to be asked after the handshake. */
export function untrusted(socket: TLSSocket): MotesError | undefined {
  if (socket.authorized) return undefined;
  const { authorizationError } = socket;
  // Node's types say Error, and it is the code, as a text.
  return tlsError(String(authorizationError ?? "no certificate"));
}

/** Why this certificate does not prove this name; undefined if it does. */
export function unproven(socket: TLSSocket, name: string): MotesError | undefined {
  const names = socket.getPeerX509Certificate()?.subjectAltName ?? "";
  // What has anything but letters, digits and the like in it is quoted there, so that no name can hold a comma.
  if (names.split(", ").includes(`DNS:${name}`)) return undefined;
  return linkError("LINK_TLS", {
    why: `it says that it is ${name}, and its certificate is another's`,
    detail: names === "" ? "no names" : names.slice(0, 200),
  });
}

const meanings: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate is not valid yet",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is of another authority",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is of no authority",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is of another authority",
  UNABLE_TO_GET_ISSUER_CERT: "its certificate is of another authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate is of another authority, or it has none",
  CERT_SIGNATURE_FAILURE: "its certificate is of another authority of the same name",
  INVALID_PURPOSE: "its certificate is not meant for this",
};

export function tlsError(detail: string): MotesError {
  return linkError("LINK_TLS", { why: meanings[detail] ?? "the handshake failed", detail });
}
