import { CastMessage } from "./message.ts";
import { Address } from "./ref.ts";

/**
 * Makes a message deeply read-only, in development: inside a VM a message is one object to both sides, and changing it after
 * the send is a bug that then throws where it happens. Only plain objects and arrays: views of bytes cannot be frozen.
 */
export function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value) || value instanceof Address)
    return;
  if (value instanceof CastMessage) return freeze(value.args);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !Array.isArray(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}
