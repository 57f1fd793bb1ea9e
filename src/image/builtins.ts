/**
 * Which modules of Node need which device. A module that is in neither list needs one that cannot be had: it is refused whatever a
 * program declares, until somebody has looked at what it can reach.
 */
import { builtinModules } from "node:module";
import type { Device } from "../../kernel/index.ts";

/** Compute only: no way out of the VM. */
const harmless: readonly string[] =
  `assert async_hooks buffer constants crypto diagnostics_channel events path perf_hooks punycode querystring stream
   string_decoder timers url util zlib`.split(/\s+/);

/** Any one of its devices covers a module: an import does not tell whether it will listen or connect. */
const covering: Readonly<Record<string, readonly Device[]>> = {
  http: ["listen", "connect"],
  https: ["listen", "connect"],
  http2: ["listen", "connect"],
  net: ["listen", "connect"],
  tls: ["listen", "connect"],
  dgram: ["listen", "connect"],
  dns: ["connect"],
  inspector: ["listen"],
  fs: ["store"],
  sqlite: ["store"],
  module: ["store"],
  wasi: ["store"],
  v8: ["store"],
  child_process: ["spawn"],
  cluster: ["spawn"],
  worker_threads: ["spawn"],
  os: ["env"],
  process: ["env"],
  console: ["log"],
  readline: ["log"],
  tty: ["log"],
};

/** Of our own modules, those that reach out of the VM in a program's name, by what they reach with: of Node, or themselves. */
const doors: Readonly<Record<string, string>> = {
  "motes/port": "node:child_process",
  "motes/door": "motes/door",
};

export const isDoor = (path: string): boolean => Object.hasOwn(doors, path);

/** The module that an import is about: what a door reaches with, or itself. */
export const behind = (path: string): string => doors[path] ?? path;

/** With or without `node:`. */
export const builtin: RegExp = new RegExp(`^(?:node:.*|${builtinModules.join("|")})$`);

export const isBuiltin = (path: string): boolean => builtin.test(path);

/** Undefined: none is needed. Empty: none would do. */
export function devicesFor(builtin: string): readonly Device[] | undefined {
  if (builtin === "motes/door") return ["listen"];
  const [name = ""] = builtin.replace(/^node:/, "").split("/");
  if (harmless.includes(name)) return undefined;
  return Object.hasOwn(covering, name) ? covering[name] : [];
}

/** All that may be had with these devices, with and without `node:`. */
export const coveredModules = (granted: readonly Device[]): Readonly<Record<string, true>> =>
  Object.fromEntries(named((name) => !isLacking(name, granted)).map((name) => [name, true as const]));

/** What is missing for each of the others. */
export const neededFor = (granted: readonly Device[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    named((name) => isLacking(name, granted)).map((name) => {
      const devices = devicesFor(name) ?? [];
      return [
        name,
        devices.length === 0 ? "is covered by no device" : `needs the device ${devices.join(" or ")}`,
      ];
    }),
  );

function isLacking(name: string, granted: readonly Device[]): boolean {
  const devices = devicesFor(name);
  return devices !== undefined && !devices.some((device) => granted.includes(device));
}

function named(is: (name: string) => boolean): readonly string[] {
  const names = builtinModules.map((name) => name.replace(/^node:/, "")).filter(is);
  return [...names, ...names.map((name) => `node:${name}`)];
}
