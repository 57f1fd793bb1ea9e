/** Which addresses never leave this machine: there, a link may be without TLS. */
import { isIPv4, isIPv6 } from "node:net";

/** Of an address or a name. A name other than `localhost` may lead anywhere, whatever it leads to now. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith("127.");
  if (isIPv6(host)) return host === "::1" || host === "0:0:0:0:0:0:0:1";
  return host === "localhost";
}
