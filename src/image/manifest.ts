/**
 * What an image says of itself, as JSON in its file. It comes from a stranger: `parseManifest` believes no shape, and takes a copy of
 * what it knows and of nothing else.
 */
import { isDevice, type Device } from "../../kernel/index.ts";
import { protocolVersion } from "../../transports/wire/index.ts";
import { srcError } from "../errors.ts";
import { checkKeys, isKeySetting, type KeySetting } from "./keys.ts";

/** Guest code is bundled for these. */
export const bundledTargets: readonly string[] = ["isolate", "process"];

export interface Manifest {
  /** The program's file, without its ending. */
  readonly name: string;
  /** Of the package that the program belongs to. */
  readonly version: string;
  /** The unikernel that is booted: the default export's name. */
  readonly entry: string;
  /** All unikernels in it. */
  readonly entries: readonly string[];
  /** Of all its unikernels together. */
  readonly devices: readonly Device[];
  /** Of each of its unikernels. */
  readonly needs: Readonly<Record<string, readonly Device[]>>;
  readonly keys: Readonly<Record<string, KeySetting>>;
  readonly targets: readonly string[];
  /** What its kernel speaks with a host. */
  readonly protocol: string;
  /** Bytes of code by module, heaviest first. */
  readonly modules: Readonly<Record<string, number>>;
}

/** Equal where an image and a host understand each other. Guest and host have more in common than the wire, so releases count. */
export const protocolFingerprint = (release: string): string => `motes-${release}/wire-${protocolVersion}`;

/** Throws `IMAGE_MANIFEST`, and `KEY_MISSING` or `KEY_INVALID` for a key without a value of its type. */
export function parseManifest(text: string, path: string): Manifest {
  const wrong = (what: string): Error => srcError("IMAGE_MANIFEST", { path, what });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong("it is no JSON");
  }
  if (!isRecord(value)) throw wrong("it is no object");
  const word = (field: string): string => {
    const got = value[field];
    if (typeof got !== "string" || got === "" || got.length > 1000) throw wrong(`${field} is no text`);
    return got;
  };
  const list = <T>(field: string, is: (item: unknown) => item is T): readonly T[] => {
    const got: unknown = value[field];
    if (!Array.isArray(got) || !got.every(is)) throw wrong(`${field} is no list of what it should be`);
    return got;
  };
  const record = <T>(field: string, is: (item: unknown) => item is T): Readonly<Record<string, T>> => {
    const got = value[field];
    if (!isRecord(got) || !Object.values(got).every(is)) throw wrong(`${field} has another shape`);
    // Sound: each value was looked at.
    return got as Readonly<Record<string, T>>;
  };
  const needs: unknown = value["needs"];
  if (!isNeeds(needs)) throw wrong("needs has another shape");
  const keys = record("keys", isKeySetting);
  checkKeys(keys);
  const parsed: Manifest = {
    name: word("name"),
    version: word("version"),
    entry: word("entry"),
    entries: list("entries", isText),
    devices: list("devices", isDevice),
    needs,
    keys,
    targets: list("targets", isText),
    protocol: word("protocol"),
    modules: record("modules", isCount),
  };
  if (!parsed.entries.includes(parsed.entry)) throw wrong(`its entry "${parsed.entry}" is not in it`);
  return parsed;
}

/** What an image on its way between hosts says of itself. */
export interface ParcelManifest {
  readonly name: string;
  readonly path: string;
  readonly protocol: string;
  readonly devices?: readonly Device[];
  readonly needs?: Readonly<Record<string, readonly Device[]>>;
  readonly entry?: string;
}

/** Throws `IMAGE_MANIFEST`. */
export function readParcel(text: string, digest: string): ParcelManifest {
  const wrong = (): Error => srcError("IMAGE_MANIFEST", { path: digest, what: "it is no image from a host" });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw wrong();
  }
  if (!isRecord(value)) throw wrong();
  const { name, path, protocol, devices, needs, entry } = value;
  if (!isShort(name) || !isShort(path) || !isShort(protocol)) throw wrong();
  if (devices !== undefined && !(Array.isArray(devices) && devices.every(isDevice))) throw wrong();
  if (needs !== undefined && !isNeeds(needs)) throw wrong();
  if (entry !== undefined && !isShort(entry)) throw wrong();
  return {
    name,
    path,
    protocol,
    ...(devices === undefined ? {} : { devices }),
    ...(needs === undefined ? {} : { needs }),
    ...(entry === undefined ? {} : { entry }),
  };
}

const isShort = (value: unknown): value is string =>
  typeof value === "string" && value !== "" && value.length <= 1000;

/** Devices by unikernel. */
export const isNeeds = (value: unknown): value is Readonly<Record<string, readonly Device[]>> =>
  isRecord(value) &&
  Object.values(value).every((devices) => Array.isArray(devices) && devices.every(isDevice));

const isText = (value: unknown): value is string => typeof value === "string";
const isCount = (value: unknown): value is number => Number.isSafeInteger(value);
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
