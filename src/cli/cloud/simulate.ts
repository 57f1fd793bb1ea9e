import { simulateCloud, type SimulatedCloud, type SimulatedPhase } from "../../cloud/simulation/simulate.ts";
import { loadCloud } from "../../cloud/local/load.ts";
import { table } from "../table.ts";
import { wholeNumber } from "./number.ts";

export interface SimulateOptions {
  readonly file: string;
  readonly hosts: string | undefined;
  readonly vms: string | undefined;
  readonly seed: string | undefined;
  readonly json: boolean;
}

/** `motes cloud simulate cloud.ts`: the exit status is 0 if every phase has converged and no invariant was broken. */
export async function simulate({ file, json, ...typed }: SimulateOptions): Promise<number> {
  const cloud = await loadCloud(file);
  const vms = wholeNumber("--vms", typed.vms, 1);
  const options = {
    hosts: wholeNumber("--hosts", typed.hosts, 3) ?? 10,
    seed: wholeNumber("--seed", typed.seed, 0) ?? 1,
    ...(vms === undefined ? {} : { vms }),
  };
  let startedMs = performance.now();
  const onPhase = (phase: SimulatedPhase): void => {
    const computedMs = performance.now() - startedMs;
    startedMs = performance.now();
    if (!json) process.stdout.write(`${phaseLine(phase)}  (computed in ${seconds(computedMs)})\n`);
  };
  if (!json) process.stdout.write(`${options.hosts} hosts, seed ${options.seed}\n`);
  const result = simulateCloud(cloud, { ...options, onPhase });
  process.stdout.write(json ? `${JSON.stringify(result, null, 2)}\n` : page(result));
  const converged = result.phases.every(({ convergedMs }) => convergedMs !== undefined);
  return converged && result.violations.length === 0 ? 0 : 1;
}

const phaseLine = ({ name, convergedMs, moves, puts, heard }: SimulatedPhase): string => {
  const took = convergedMs === undefined ? "not converged" : `converged in ${seconds(convergedMs)}`;
  return `${name}: ${took}, ${moves} boots, ${puts} writes to the store, ${heard} heard of`;
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function page({ vms, hosts, virtualMs, peak, violations, obstacles }: SimulatedCloud): string {
  const rows = [
    ["VMs", String(vms), String(peak.vms)],
    ["MiB", "", String(peak.memoryMb)],
    ["money an hour", "", peak.moneyPerHour.toFixed(2)],
    ["hosts", String(hosts), ""],
  ];
  const broken = violations.length === 0 ? ["no invariant was broken"] : violations;
  return `${table(["", "wanted", "peak"], rows)}\n${[`${seconds(virtualMs)} of virtual time`, ...broken, ...obstacles].join("\n")}\n`;
}
