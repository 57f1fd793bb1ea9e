import { asSealed, limits, type BootOptions } from "../../kernel/index.ts";
import type { Backoff } from "../backoff.ts";
import { backoffOf, checkKeys, isObject, refused } from "../check-spec.ts";
import { defaultIntensity, type Intensity } from "../intensity.ts";
import type { KeyOf } from "./balance.ts";
import type { Program } from "./backend.ts";
import type { ProviderName } from "./provider.ts";
import type { Scale } from "./scaler.ts";

/** A service's options made sure of, with all defaults written out. Throws `INVALID_SERVICE` and the codes of supervisors. */
export interface CheckedService {
  readonly program: Program;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** Undefined: the least loaded. */
  readonly keyOf: KeyOf | undefined;
  readonly intensity: Intensity;
  readonly backoff: Backoff | undefined;
  readonly queueMax: number;
  readonly waits: boolean;
  readonly healthEveryMs: number;
  readonly healthTimeoutMs: number;
  readonly drainTimeoutMs: number;
  readonly handoffTimeoutMs: number;
  readonly shutdownMs: number;
  readonly scale: Scale;
  readonly sampleEveryMs: number;
  readonly elsewhere: "any" | "nowhere" | readonly string[];
  readonly provider: ProviderName | undefined;
  /** Its roots can be asked for their health, and for their state. */
  readonly answersProbes: boolean;
}

type Given = Readonly<Record<string, unknown>>;

const known = [
  "entry",
  "label",
  "vms",
  "balance",
  "boot",
  "intensity",
  "backoff",
  "queueMax",
  "whileDown",
  "health",
  "drainTimeoutMs",
  "handoffTimeoutMs",
  "shutdownMs",
  "scale",
  "idleMs",
  "elsewhere",
  "provider",
];

export function checkService(given: Given): CheckedService {
  checkKeys("service", given, known);
  const sealed = asSealed(given.entry);
  if (sealed === undefined)
    throw refused("INVALID_SERVICE", "service.entry", "what unikernel() made", given.entry);
  const { label = sealed.name, whileDown = "wait", boot = {}, intensity = defaultIntensity } = given;
  if (typeof label !== "string") throw refused("INVALID_SERVICE", "service.label", "a text", label);
  if (whileDown !== "wait" && whileDown !== "fail")
    throw refused("INVALID_SERVICE", "service.whileDown", "wait or fail", whileDown);
  if (!isObject(boot)) throw refused("INVALID_SERVICE", "service.boot", "options of a boot", boot);
  const health = given.health ?? {};
  if (!isObject(health)) throw refused("INVALID_SERVICE", "service.health", "{ everyMs, timeoutMs }", health);
  checkKeys("service.health", health, ["everyMs", "timeoutMs"]);
  const { min, max } = boundsOf(given.vms ?? 1);
  if (min === 0 && whileDown === "fail")
    throw refused(
      "INVALID_SERVICE",
      "service.whileDown",
      "wait, for a service that may have no VM",
      whileDown,
    );
  return {
    program: { entry: sealed.name, options: { ...sealed.options, ...(boot as BootOptions) } },
    label,
    min,
    max,
    keyOf: keyOf(given.balance ?? "least"),
    intensity: intensityOf(intensity),
    backoff: backoffOf("service.backoff", given.backoff),
    queueMax: numberOf("queueMax", given.queueMax, limits.serviceQueueMessagesMax, 0),
    waits: whileDown === "wait",
    healthEveryMs: numberOf("health.everyMs", health.everyMs, 25, 1),
    healthTimeoutMs: numberOf("health.timeoutMs", health.timeoutMs, 10_000, 1),
    drainTimeoutMs: numberOf("drainTimeoutMs", given.drainTimeoutMs, 5000, 0),
    handoffTimeoutMs: numberOf("handoffTimeoutMs", given.handoffTimeoutMs, 5000, 0),
    shutdownMs: numberOf("shutdownMs", given.shutdownMs, 5000, 0),
    answersProbes: sealed.root.answersProbes,
    ...scaleOf(given.scale ?? {}, min, max, numberOf("idleMs", given.idleMs, 60_000, 0)),
    elsewhere: elsewhereOf(given.elsewhere),
    provider: providerOf(given.provider),
  };
}

function scaleOf(
  given: unknown,
  min: number,
  max: number,
  idleMs: number,
): { readonly scale: Scale; readonly sampleEveryMs: number } {
  if (!isObject(given)) throw refused("INVALID_SERVICE", "service.scale", "an object", given);
  checkKeys("service.scale", given, [
    "callsPerVm",
    "depthPerVm",
    "latencyMs",
    "everyMs",
    "upAfterMs",
    "downAfterMs",
  ]);
  const scale: Scale = {
    min,
    max,
    callsPerVm: numberOf("scale.callsPerVm", given.callsPerVm, 16, 1),
    depthPerVm: numberOf("scale.depthPerVm", given.depthPerVm, Infinity, 1),
    latencyMs: numberOf("scale.latencyMs", given.latencyMs, Infinity, 0),
    upAfterMs: numberOf("scale.upAfterMs", given.upAfterMs, 500, 0),
    downAfterMs: numberOf("scale.downAfterMs", given.downAfterMs, 10_000, 0),
    idleMs,
  };
  return { scale, sampleEveryMs: numberOf("scale.everyMs", given.everyMs, 250, 1) };
}

function elsewhereOf(given: unknown): CheckedService["elsewhere"] {
  if (given === undefined) return "nowhere";
  if (given === "any") return given;
  if (Array.isArray(given) && given.every((name) => typeof name === "string")) return given;
  throw refused("INVALID_SERVICE", "service.elsewhere", "any, or the names of hosts", given);
}

function providerOf(given: unknown): ProviderName | undefined {
  if (given === undefined) return undefined;
  if (isObject(given) && typeof given.text === "string") return { text: given.text };
  throw refused("INVALID_SERVICE", "service.provider", "what name() made", given);
}

function boundsOf(given: unknown): { readonly min: number; readonly max: number } {
  const { min, max } = isObject(given) ? given : { min: given, max: given };
  const sound = isCount(min) && isCount(max) && max >= 1 && max >= min;
  if (!sound)
    throw refused("INVALID_SERVICE", "service.vms", "1 or more, or { min, max } with 0 <= min <= max", given);
  return { min, max };
}

function keyOf(balance: unknown): KeyOf | undefined {
  if (balance === "least") return undefined;
  const key = isObject(balance) ? balance.key : undefined;
  if (typeof key !== "function")
    throw refused("INVALID_SERVICE", "service.balance", "least or { key }", balance);
  // Sound: `service` typed it to take what the root's protocol holds.
  return key as KeyOf;
}

function intensityOf(given: unknown): Intensity {
  const { restarts, withinMs } = isObject(given) ? given : {};
  if (!isCount(restarts))
    throw refused("INVALID_INTENSITY", "service.intensity.restarts", "0 or more", restarts);
  if (!(typeof withinMs === "number" && withinMs >= 1000))
    throw refused("INVALID_PERIOD", "service.intensity.withinMs", "1000 ms or more", withinMs);
  return { restarts, withinMs };
}

function numberOf(what: string, given: unknown, otherwise: number, least: number): number {
  if (given === undefined) return otherwise;
  if (typeof given === "number" && given >= least) return given;
  throw refused("INVALID_SERVICE", `service.${what}`, `a number, ${least} or more`, given);
}

const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isInteger(value) && value >= 0;
