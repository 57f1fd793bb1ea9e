import type { RestartOptions } from "./declaration.ts";

/** From a crash to its restart: at once, then ever longer, and up to a quarter more by its number, so that many that crash together come back apart. */
export function restartWaitMs(restart: Required<RestartOptions>, crashes: number, number: number): number {
  if (crashes <= 1) return 0;
  const waitMs = Math.min(restart.maxMs, restart.firstMs * 2 ** Math.min(40, crashes - 2));
  return waitMs * (1 + (Math.imul(number, 0x9e3779b1) >>> 8) / 2 ** 26);
}

/** FNV-1a of a text: what tells versions of a role apart. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
