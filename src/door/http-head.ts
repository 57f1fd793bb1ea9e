/**
 * Headers on their way through a door: those that concern one connection only stay behind, in both directions.
 *
 * Semantics: RFC 9110 section 7.6.1.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { HttpHeaders } from "./http-protocol.ts";

/** What the actor gets to see. */
export function requestHeaders(headers: IncomingHttpHeaders): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  const { connection } = headers;
  const named = connection === undefined ? undefined : connection.toLowerCase().split(/\s*,\s*/);
  for (const name in headers) {
    if (isHopByHop(name) || name === "expect" || named?.includes(name) === true) continue;
    const value = headers[name];
    if (value !== undefined) kept.set(name, typeof value === "string" ? value : value.join(", "));
  }
  return kept;
}

/** What the client gets to see: names and values in turn. `length` in bytes; undefined: the actor's own, if it gives one. */
export function responseHeaders(
  headers: HttpHeaders | undefined,
  length: number | undefined,
): (string | string[])[] {
  const flat: (string | string[])[] = [];
  for (const name in headers) {
    const lower = name.toLowerCase();
    if (isHopByHop(lower) || (lower === "content-length" && length !== undefined)) continue;
    const value = headers[name];
    // Sound: only to be rid of `readonly`; it is not changed.
    if (value !== undefined) flat.push(name, value as string | string[]);
  }
  if (length !== undefined) flat.push("content-length", String(length));
  return flat;
}

function isHopByHop(name: string): boolean {
  switch (name) {
    case "connection":
    case "keep-alive":
    case "proxy-authenticate":
    case "proxy-authorization":
    case "proxy-connection":
    case "te":
    case "trailer":
    case "transfer-encoding":
    case "upgrade":
      return true;
    default:
      return false;
  }
}
