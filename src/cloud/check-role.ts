/** One role of a declaration: its checks and its defaults. Throws `CLOUD_OPTION`. */
import { check, checkKeys, count } from "./check.ts";
import {
  type ChurnOptions,
  type RestartOptions,
  type Role,
  type RoleOptions,
  type SpreadOptions,
  type TargetName,
  type UpdateOptions,
  unbounded,
} from "./declaration.ts";

const known = "run count targets memoryMb hosts spread perHostMax apart restart update churn cutOff".split(
  " ",
);
const targetNames: readonly TargetName[] = ["isolate", "process", "wasm", "wasm-packed", "qemu"];

export function applyDefaults(name: string, options: RoleOptions, names: readonly string[]): Role {
  checkKeys(name, options, known);
  const { run, targets = ["isolate"], memoryMb = 256, hosts = {}, apart = [], cutOff = "hold" } = options;
  const isProgram = run?.type === "image" || run?.type === "command";
  check(`${name}.run`, isProgram, "image(file) or command({ ... })", run);
  check(
    `${name}.targets`,
    Array.isArray(targets) && targets.length > 0 && targets.every((each) => targetNames.includes(each)),
    `some of ${targetNames.join(", ")}`,
    String(targets),
  );
  const forCommand = targets.every((each) => each === "isolate" || each === "process");
  check(
    `${name}.targets`,
    run.type === "image" || forCommand,
    "isolate or process, which can have a port",
    "others",
  );
  check(`${name}.memoryMb`, memoryMb > 0 && memoryMb < Infinity, "a number of MiB above 0", memoryMb);
  check(
    `${name}.apart`,
    Array.isArray(apart) && apart.every((each) => names.includes(each) && each !== name),
    `other roles of the cloud (for its own VMs: perHostMax); there is ${names.join(", ")}`,
    String(apart),
  );
  check(`${name}.cutOff`, cutOff === "hold" || cutOff === "keep", "hold or keep", cutOff);
  checkKeys(`${name}.hosts`, hosts, ["labels", "regions"]);
  const { labels = {}, regions = [] } = hosts;
  checkTexts(`${name}.hosts.regions`, regions);
  const wanted = Object.entries(labels).map(([label, value]) => {
    const values = typeof value === "string" ? [value] : value;
    checkTexts(`${name}.hosts.labels.${label}`, values);
    return [label, values] as const;
  });
  return {
    name,
    run,
    count: count(`${name}.count`, options.count, 0),
    targets,
    memoryMb,
    regions,
    labels: Object.fromEntries(wanted),
    spread: options.spread === undefined ? undefined : checkSpread(name, options.spread),
    perHostMax:
      options.perHostMax === undefined ? unbounded : count(`${name}.perHostMax`, options.perHostMax, 1),
    apart,
    restart: checkRestart(name, options.restart ?? {}),
    maxUnavailable: checkUpdate(name, options.update ?? {}),
    churn: options.churn === undefined ? undefined : checkChurn(name, options.churn),
    cutOff,
    fingerprint: JSON.stringify([run, targets, memoryMb]),
  };
}

function checkTexts(what: string, texts: unknown): void {
  const ok = Array.isArray(texts) && texts.every((each) => typeof each === "string" && each !== "");
  check(what, ok, "a list of texts", texts);
}

function checkSpread(name: string, spread: SpreadOptions): { over: string; maxSkew: number } {
  checkKeys(`${name}.spread`, spread, ["over", "maxSkew"]);
  const { over, maxSkew = unbounded } = spread;
  check(`${name}.spread.over`, typeof over === "string" && over !== "", "region, or a label of hosts", over);
  return { over, maxSkew: maxSkew === unbounded ? maxSkew : count(`${name}.spread.maxSkew`, maxSkew, 1) };
}

function checkRestart(name: string, restart: RestartOptions): Required<RestartOptions> {
  checkKeys(`${name}.restart`, restart, ["firstMs", "maxMs", "stableAfterMs", "degradedAfter"]);
  const { firstMs = 200, maxMs = 60_000, stableAfterMs = 60_000, degradedAfter = 5 } = restart;
  count(`${name}.restart.firstMs`, firstMs, 1);
  count(`${name}.restart.maxMs`, maxMs, firstMs);
  count(`${name}.restart.stableAfterMs`, stableAfterMs, 0);
  count(`${name}.restart.degradedAfter`, degradedAfter, 1);
  return { firstMs, maxMs, stableAfterMs, degradedAfter };
}

function checkUpdate(name: string, update: UpdateOptions): number | `${number}%` {
  checkKeys(`${name}.update`, update, ["maxUnavailable"]);
  const { maxUnavailable: value = "10%" } = update;
  const what = `${name}.update.maxUnavailable`;
  if (typeof value === "number") return count(what, value, 1);
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(value)?.[1];
  check(what, Number(percent) > 0 && Number(percent) <= 100, `a number from 1, or "10%"`, value);
  return value;
}

function checkChurn(name: string, churn: ChurnOptions): ChurnOptions {
  checkKeys(`${name}.churn`, churn, ["fraction", "everyMs"]);
  const { fraction, everyMs } = churn;
  check(`${name}.churn.fraction`, fraction > 0 && fraction <= 1, "above 0, up to 1", fraction);
  return { fraction, everyMs: count(`${name}.churn.everyMs`, everyMs, 1) };
}

/** VMs of a role that may be away: at least one, so that there is progress. */
export const unavailableMax = ({ maxUnavailable, count: vms }: Role): number =>
  typeof maxUnavailable === "number"
    ? maxUnavailable
    : Math.max(1, Math.floor((vms * Number.parseFloat(maxUnavailable)) / 100));
