import { checkKeys, checkSpec, isObject, refused, type CheckedSpec } from "./check-spec.ts";
import { defaultIntensity, type Intensity } from "./intensity.ts";
import type { AutoShutdown } from "./options.ts";
import type { Strategy } from "./strategy.ts";

/**
 * A supervisor's options made sure of, with all defaults written out. Throws the codes of `errors.ts`.
 * Flags first, then each child, as OTP does.
 */
export interface CheckedFlags {
  readonly intensity: Intensity;
  readonly crashLoopAfter: number;
}

export interface CheckedOptions extends CheckedFlags {
  readonly strategy: Strategy;
  readonly autoShutdown: AutoShutdown;
  readonly children: readonly (readonly [id: string, spec: CheckedSpec])[];
}

export interface CheckedDynamic extends CheckedFlags {
  readonly child: CheckedSpec;
}

type Given = Readonly<Record<string, unknown>>;

export function checkOptions(value: unknown): CheckedOptions {
  const given = optionsOf(value);
  const { strategy = "one_for_one", autoShutdown = "never", children } = given;
  if (strategy !== "one_for_one" && strategy !== "one_for_all" && strategy !== "rest_for_one")
    throw refused("INVALID_STRATEGY", "strategy", "one_for_one, one_for_all or rest_for_one", strategy);
  const flags = checkFlags(given);
  if (autoShutdown !== "never" && autoShutdown !== "any_significant" && autoShutdown !== "all_significant")
    throw refused(
      "INVALID_AUTO_SHUTDOWN",
      "autoShutdown",
      "never, any_significant or all_significant",
      autoShutdown,
    );
  checkKeys("supervisor", given, [...flagKeys, "strategy", "autoShutdown", "children"]);
  return { ...flags, strategy, autoShutdown, children: checkChildren(children, autoShutdown) };
}

export function checkDynamic(value: unknown): CheckedDynamic {
  const given = optionsOf(value);
  const flags = checkFlags(given);
  checkKeys("dynamicSupervisor", given, [...flagKeys, "child"]);
  const child = checkSpec("child", given["child"], "never");
  return { ...flags, child };
}

const flagKeys = ["label", "intensity", "crashLoopAfter"];

function optionsOf(value: unknown): Given {
  if (isObject(value)) return value;
  throw refused("INVALID_CHILD_SPEC", "supervisor", "an object with its options", value);
}

function checkFlags({ intensity = defaultIntensity, crashLoopAfter = Infinity }: Given): CheckedFlags {
  if (!isObject(intensity))
    throw refused("INVALID_INTENSITY", "intensity", "{ restarts, withinMs }", intensity);
  checkKeys("intensity", intensity, ["restarts", "withinMs"]);
  const { restarts, withinMs } = intensity;
  if (typeof restarts !== "number" || !Number.isInteger(restarts) || restarts < 0)
    throw refused("INVALID_INTENSITY", "intensity.restarts", "a whole number, 0 or more", restarts);
  if (typeof withinMs !== "number" || !Number.isFinite(withinMs) || withinMs < 1000)
    throw refused("INVALID_PERIOD", "intensity.withinMs", "1000 ms or more", withinMs);
  if (typeof crashLoopAfter !== "number" || !(crashLoopAfter >= 1))
    throw refused("INVALID_INTENSITY", "crashLoopAfter", "1 or more restarts", crashLoopAfter);
  return { intensity: { restarts, withinMs }, crashLoopAfter };
}

function checkChildren(value: unknown, autoShutdown: AutoShutdown): CheckedOptions["children"] {
  if (!isObject(value))
    throw refused("INVALID_CHILD_SPEC", "children", "an object or a list of pairs [id, child]", value);
  const pairs = Array.isArray(value) ? (value as readonly unknown[]) : Object.entries(value);
  const ids = new Set<string>();
  const checked: (readonly [string, CheckedSpec])[] = [];
  for (const pair of pairs) {
    const [id, spec] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    if (typeof id !== "string") throw refused("INVALID_CHILD_SPEC", "children", "pairs [id, child]", pair);
    if (!Array.isArray(value) && /^(0|[1-9]\d*)$/.test(id))
      throw refused("INVALID_CHILD_SPEC", "children", "a list of pairs for ids that are whole numbers", id);
    if (ids.has(id)) throw refused("DUPLICATE_CHILD_NAME", "children", "unique ids", id);
    ids.add(id);
    checked.push([id, checkSpec(`children.${id}`, spec, autoShutdown)]);
  }
  return checked;
}
