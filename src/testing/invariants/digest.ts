import { Address, CastMessage } from "../../../kernel/index.ts";

/** Deeper than this, nothing is looked at. */
const depthMax = 3;
const itemsMax = 16;
const charactersMax = 32;

/**
 * A number for what a message says, equal for its copy in another VM; a sender may change its own object afterwards. Looks at
 * the outer levels only, and not into what has no plain content (errors, views, maps).
 * `host`: what the host that the value is looked at on is called by others: it has no name for itself.
 */
export function digest(value: unknown, host = "", depth = 0): number {
  switch (typeof value) {
    case "string":
      return ofText(value);
    case "number":
      return Math.imul((value | 0) ^ ((value / 2 ** 20) | 0) ^ ((value * 2 ** 10) | 0), 0x9e3779b1);
    case "boolean":
      return value ? 0x51ed270b : 0x2545f491;
    case "object":
      return value === null || depth >= depthMax ? 7 : ofObject(value, host, depth);
    default:
      return 3;
  }
}

function ofObject(value: object, host: string, depth: number): number {
  if (value instanceof Address) return ofText(nameOf(value, host));
  if (value instanceof CastMessage) return ofText(value.op) ^ digest(value.args, host, depth + 1);
  let sum = 11;
  if (Array.isArray(value)) {
    const { length } = value;
    for (let i = 0; i < length && i < itemsMax; i++)
      sum = Math.imul(sum, 31) + digest(value[i], host, depth + 1);
    return sum ^ ~length;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return 13;
  // In whatever order the keys come.
  for (const key in value) {
    const item = (value as Record<string, unknown>)[key];
    if (item !== undefined) sum = (sum + Math.imul(ofText(key), digest(item, host, depth + 1) | 1)) | 0;
  }
  return sum;
}

// What tells most comes first: only so many characters are looked at.
const nameOf = ({ home, vm, serial }: Address, host: string): string =>
  `${serial}.${vm}.${home.host === "" ? host : home.host}`;

function ofText(text: string): number {
  let bits = text.length;
  for (let i = 0; i < text.length && i < charactersMax; i++)
    bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193);
  return bits;
}
