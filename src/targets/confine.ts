/**
 * What a program in a VM on Node may not have, taken away before any of its code runs: modules of Node that no granted device covers,
 * the environment, native code, code made from strings. Each attempt throws `DEVICE_REFUSED` and is told to the host.
 *
 * It holds a program to what it has declared. It is no boundary against code that breaks V8, or that finds a way which is not
 * known here: where that matters, the target's own boundary has to hold.
 *
 * The functions go to the guest as text (`confineText`), so they use nothing beside each other. What they need later they take at
 * once, since a program may change what is global, and they call no method that it may have changed.
 */
import { devices as allDevices, type Device } from "../../kernel/index.ts";
import { coveredModules, neededFor } from "../image/builtins.ts";
import type { ToHost } from "./protocol.ts";

/** As a guest's starter gets it: plain data. */
export interface Confinement {
  /** Names of modules that may be had, with and without `node:`. */
  readonly modules: Readonly<Record<string, true>>;
  /** For the text of a refusal: what the others need. */
  readonly needs: Readonly<Record<string, string>>;
  readonly granted: Readonly<Partial<Record<Device, true>>>;
}

export function confinementOf(devices: readonly Device[]): Confinement {
  // Whoever may start processes can have anything done by one.
  const granted = devices.includes("spawn")
    ? allDevices.filter((device) => device !== "env" || devices.includes(device))
    : devices;
  return {
    modules: coveredModules(granted),
    needs: neededFor(granted),
    granted: Object.fromEntries(granted.map((device) => [device, true as const])),
  };
}

interface Loose {
  [name: string]: unknown;
}

type Tell = (message: ToHost) => void;

interface Refusals {
  /** Tells the host, and throws. */
  refuse(what: string, why: string): never;
  /** Puts `value` there for good, if there is anything. */
  fix(owner: object, name: string, value: unknown): void;
  /** A function that refuses. */
  denied(what: string, why: string): () => never;
}

function refusals(tell: Tell): Refusals {
  const { defineProperty, assign } = Object;
  const ErrorHere = Error;
  const refuse = (what: string, why: string): never => {
    const text = `refused: ${what} ${why}`;
    tell({ type: "log", line: { level: "warn", text, details: { code: "DEVICE_REFUSED" } } });
    throw assign(new ErrorHere(text), { name: "MotesError", code: "DEVICE_REFUSED" });
  };
  return {
    refuse,
    fix(owner, name, value) {
      if (name in owner) defineProperty(owner, name, { value, writable: false, configurable: false });
    },
    denied: (what, why) => () => refuse(what, why),
  };
}

/**
 * In place of a module that is refused when it is used, and not before: one image holds all VMs of a program, and asks for what each of
 * them needs. What esbuild makes of an import keeps nothing of a module but its prototype.
 */
function absentModules({ needs }: Confinement, { refuse }: Refusals): (name: string) => unknown {
  const { create } = Object;
  const ProxyHere = Proxy;
  return (name) => {
    const used = (property: string): never => refuse(`${name}.${property}`, needs[name] ?? "is not there");
    const get = (_target: object, property: string | symbol): unknown =>
      property === "__esModule" || typeof property === "symbol" ? undefined : used(property);
    const facade = new ProxyHere(create(null) as object, { get });
    return new ProxyHere(() => {}, {
      get,
      apply: () => used("call"),
      construct: () => used("new"),
      ownKeys: () => [],
      getPrototypeOf: () => facade,
    });
  };
}

/** The `require` that an image is called with. */
function guardedRequire(given: Confinement, nodeRequire: NodeJS.Require, each: Refusals): NodeJS.Require {
  const { modules, needs } = given;
  const { assign } = Object;
  const { refuse, fix, denied } = each;
  const absent = absentModules(given, each);
  const load = (name: unknown): unknown => {
    if (typeof name !== "string") return refuse("require", "takes the name of a module");
    if (modules[name] === true) {
      const found = nodeRequire(name) as object;
      if ("setEngine" in found)
        fix(found, "setEngine", denied(`${name}.setEngine`, "is not for programs in a VM"));
      return found;
    }
    if (needs[name] !== undefined) return absent(name);
    return refuse(`require("${name}")`, "is not in the image, and no device covers it");
  };
  const builtin = (name: unknown): unknown =>
    typeof name === "string" && (modules[name] === true || needs[name] !== undefined)
      ? load(name)
      : undefined;
  fix(process, "getBuiltinModule", builtin);
  const resolve = (name: unknown): unknown => load(name) && name;
  // Sound: what a bundle uses of it.
  return assign(load, { resolve }) as unknown as NodeJS.Require;
}

/** Ways out that need no module. */
function closeGlobals({ modules, granted }: Confinement, nodeRequire: NodeJS.Require, each: Refusals): void {
  const { fix, denied } = each;
  const notHere = "is not for programs in a VM";
  for (const name of `binding _linkedBinding dlopen kill _kill chdir setuid setgid seteuid setegid setgroups initgroups execve
      _debugProcess _debugEnd _getActiveHandles _getActiveRequests loadEnvFile openStdin abort`.split(/\s+/))
    fix(process, name, denied(`process.${name}`, notHere));
  fix(process, "report", undefined);
  fix(process, "mainModule", undefined);
  fix(globalThis, "BroadcastChannel", denied("BroadcastChannel", notHere));
  if (granted.connect !== true)
    for (const name of ["fetch", "WebSocket", "EventSource"])
      fix(globalThis, name, denied(name, "needs the device connect"));
  if (modules["net"] !== true) return;
  const { Server, Socket } = nodeRequire("node:net") as typeof import("node:net");
  if (granted.listen !== true)
    fix(Server.prototype, "listen", denied("net.Server.listen", "needs the device listen"));
  if (granted.connect !== true)
    fix(Socket.prototype, "connect", denied("net.Socket.connect", "needs the device connect"));
}

/** An environment with nothing in it, in which the program may keep things. The first look at what is not there is told. */
function closeEnvironment(tell: Tell): void {
  const { defineProperty, create } = Object;
  const { getOwnPropertyDescriptor } = Reflect;
  let told = false;
  const env = new Proxy<Loose>(create(null) as Loose, {
    get(own, name) {
      if (typeof name !== "string") return undefined;
      const { value } = getOwnPropertyDescriptor(own, name) ?? {};
      // Node itself looks for those when it listens, or starts a process.
      if (value !== undefined || told || name.startsWith("NODE_")) return value as unknown;
      told = true;
      const text = `refused: process.env.${name} and all others are empty: the device env is not granted`;
      tell({ type: "log", line: { level: "info", text, details: { code: "DEVICE_REFUSED" } } });
      return undefined;
    },
  });
  defineProperty(process, "env", { value: env, writable: false, configurable: false });
}

/** Called once the guest's own modules are there, which make code of their own, and before the program's are. */
function closeText({ refuse, fix, denied }: Refusals): void {
  const { defineProperty, getPrototypeOf } = Object;
  const notHere = "is not for programs in a VM";
  const kinds = [function () {}, async () => {}, function* () {}, async function* () {}];
  for (const [n, each] of kinds.entries()) {
    const prototype = getPrototypeOf(each) as object;
    const none = function () {
      return refuse("code from a string", notHere);
    };
    defineProperty(none, "prototype", { value: prototype });
    fix(prototype, "constructor", none);
    if (n === 0) fix(globalThis, "Function", none);
  }
  fix(globalThis, "eval", denied("eval", notHere));
}

function confine(given: Confinement, nodeRequire: NodeJS.Require, tell: Tell): NodeJS.Require {
  const each = refusals(tell);
  closeGlobals(given, nodeRequire, each);
  if (given.granted.env !== true) closeEnvironment(tell);
  const loose = globalThis as Loose;
  loose["motesClose"] = () => {
    delete loose["motesClose"];
    closeText(each);
  };
  return guardedRequire(given, nodeRequire, each);
}

const parts: readonly (() => unknown)[] = [
  refusals,
  absentModules,
  guardedRequire,
  closeGlobals,
  closeEnvironment,
  closeText,
  confine,
  // Sound: only their text is used.
] as unknown as readonly (() => unknown)[];

/** An expression: `confine`. */
export const confineText: string = `(() => { "use strict"; ${parts.map(String).join("\n")} return confine; })()`;
