import { isDevice, MotesError } from "../../kernel/index.ts";

/** What a VM is to be booted with, as far as anybody can get it wrong. */
interface Given {
  readonly entry: unknown;
  readonly name: unknown;
  readonly args: unknown;
  readonly target?: unknown;
  readonly image?: unknown;
  readonly host?: unknown;
  readonly memoryMb?: unknown;
  readonly watchdogMs?: unknown;
  readonly bootTimeoutMs?: unknown;
  readonly devices?: unknown;
  readonly vmsMax?: unknown;
}

const nameCharactersMax = 200;
const hostsMost = 1000;

/**
 * Looks at what a VM is to be booted with before anything is made: it may come from JavaScript, or from another VM.
 * Throws `BAD_OPTION`.
 */
export function checkBoot({
  entry,
  name,
  args,
  target,
  image,
  host,
  memoryMb,
  watchdogMs,
  bootTimeoutMs,
  devices,
  vmsMax,
}: Given): void {
  const text = `a string of 1 to ${nameCharactersMax} characters`;
  if (entry !== undefined && !isText(entry)) throw badOption("entry", text, entry);
  if (!isText(name)) throw badOption("name", text, name);
  if (target !== undefined && !isText(target)) throw badOption("target", text, target);
  if (image !== undefined && !isText(image)) throw badOption("image", text, image);
  if (host !== undefined && !isHosts(host)) throw badOption("host", "the name of a host, or several", host);
  if (args !== undefined && !Array.isArray(args)) throw badOption("args", "an array", args);
  if (!isPositive(memoryMb) || memoryMb === Infinity)
    throw badOption("memoryMb", "a finite number of MiB above 0", memoryMb);
  if (!isPositive(watchdogMs)) throw badOption("watchdogMs", "a number of ms above 0", watchdogMs);
  if (!isPositive(bootTimeoutMs)) throw badOption("bootTimeoutMs", "a number of ms above 0", bootTimeoutMs);
  if (devices !== undefined && !(Array.isArray(devices) && devices.every(isDevice)))
    throw badOption("devices", "an array of devices' names", devices);
  if (vmsMax !== undefined && !(typeof vmsMax === "number" && vmsMax >= 0))
    throw badOption("vmsMax", "a number of VMs, 0 or more", vmsMax);
}

const isText = (value: unknown): boolean =>
  typeof value === "string" && value.length > 0 && value.length <= nameCharactersMax;

const isHosts = (value: unknown): boolean =>
  isText(value) ||
  (Array.isArray(value) && value.length > 0 && value.length <= hostsMost && value.every(isText));

const isPositive = (value: unknown): boolean =>
  value === undefined || (typeof value === "number" && value > 0);

const badOption = (option: string, expected: string, value: unknown): Error =>
  refused("boot", option, expected, value);

const badHost = (option: string, expected: string, value: unknown): Error =>
  refused("createHost", option, expected, value);

function refused(of: string, option: string, expected: string, value: unknown): Error {
  const got = typeof value === "string" ? JSON.stringify(value.slice(0, nameCharactersMax)) : printed(value);
  return new MotesError("BAD_OPTION", `${of}({ ${option} }): expected ${expected}, got ${got}.`, {
    what: option,
    expected,
    got,
  });
}

const printed = (value: unknown): string => (typeof value === "number" ? String(value) : typeof value);

const mostVms = 65_535;

/** Throws `BAD_OPTION`. */
export function checkVmsMax(vmsMax: number): number {
  if (Number.isInteger(vmsMax) && vmsMax >= 1 && vmsMax <= mostVms) return vmsMax;
  throw badHost("vmsMax", `a whole number from 1 to ${mostVms}`, vmsMax);
}

/** Throws `BAD_OPTION`. */
export function checkMemoryMbMax(memoryMbMax: number): number {
  if (memoryMbMax > 0) return memoryMbMax;
  throw badHost("memoryMbMax", "a number of MiB above 0", memoryMbMax);
}

/** Throws `BAD_OPTION`. */
export function checkWarm<T extends { readonly vms: number; readonly memoryMb?: number }>(warm: T): T {
  const { vms, memoryMb = 1 } = warm;
  if (!Number.isInteger(vms) || vms < 1 || vms > mostVms)
    throw badHost("warm.vms", `a whole number from 1 to ${mostVms}`, vms);
  if (!(memoryMb > 0 && memoryMb < Infinity))
    throw badHost("warm.memoryMb", "a finite number of MiB above 0", memoryMb);
  return warm;
}
