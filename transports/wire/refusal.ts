import { Address, limits, type MotesError } from "../../kernel/index.ts";
import { wireError } from "./errors.ts";
import { regexpCharactersMax } from "./tags.ts";
import { viewKindOf } from "./views.ts";

/** Looks for what the encoder could not copy, to name it. Only after it has failed, so this may take its time. */
export function refusalOf(message: unknown, path: string): MotesError {
  const found = search(message, path, 0);
  if (found === "deep") return wireError("MESSAGE_TOO_DEEP", { depthMax: limits.messageDepthMax });
  if (found === undefined) return wireError("MESSAGE_CHANGING", {});
  return wireError("MESSAGE_NOT_COPYABLE", found);
}

type Found = { readonly path: string; readonly what: string } | "deep" | undefined;

function search(value: unknown, path: string, depth: number): Found {
  if (typeof value === "function")
    return { path, what: value.name === "" ? "a function" : `the function ${value.name}` };
  if (typeof value === "symbol") return { path, what: "a symbol" };
  if (typeof value !== "object" || value === null || value instanceof Address) return undefined;
  if (depth >= limits.messageDepthMax) return "deep";
  for (const [name, part] of partsOf(value)) {
    if (name === ".__proto__")
      return { path: path + name, what: "a key that would change the receiver's objects" };
    const found = search(part, path + name, depth + 1);
    if (found !== undefined) return found;
  }
  if (value instanceof RegExp && value.source.length > regexpCharactersMax)
    return { path, what: `a regular expression of more than ${regexpCharactersMax} characters` };
  return isKnown(value) ? undefined : { path, what: `an instance of ${classOf(value)}` };
}

function* partsOf(value: object): Generator<[name: string, part: unknown], void, undefined> {
  if (Array.isArray(value)) for (let i = 0; i < value.length; i++) yield [`[${i}]`, value[i]];
  else if (value instanceof Map) {
    for (const [key, part] of value) {
      yield [".keys()", key];
      yield [typeof key === "object" ? ".values()" : `.get(${String(key)})`, part];
    }
  } else if (value instanceof Set) for (const part of value) yield [".values()", part];
  else if (isPlain(value)) for (const [key, part] of Object.entries(value)) yield [`.${key}`, part];
}

export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function isKnown(value: object): boolean {
  return (
    isPlain(value) ||
    Array.isArray(value) ||
    [Map, Set, Date, RegExp, Error, ArrayBuffer].some((known) => value instanceof known) ||
    viewKindOf(value) !== undefined
  );
}

export function classOf(value: object): string {
  const { constructor } = value;
  return typeof constructor === "function" && constructor.name !== "" ? constructor.name : "a class";
}
