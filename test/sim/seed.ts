import { simulate, type FaultOptions, type SimOptions, type SimResult } from "../../src/testing/index.ts";
import { apps } from "./apps.ts";

/** How each fault may come, by what the seed says: some runs see none of a kind, some see it all the time. */
const kinds = {
  kill: (everyMs: number) => ({ kill: { everyMs } }),
  pause: (everyMs: number) => ({ pause: { everyMs, forMs: [1, 8000] as const } }),
  cut: (everyMs: number) => ({ cut: { everyMs } }),
  hold: (everyMs: number) => ({ hold: { everyMs } }),
  slow: (everyMs: number) => ({ slow: { everyMs } }),
  jump: (everyMs: number) => ({ jump: { everyMs } }),
  crash: (everyMs: number) => ({ crash: { everyMs } }),
} satisfies Record<string, (everyMs: number) => FaultOptions>;

/** Ms of virtual time from one fault of a kind to the next, on average. */
const rhythms = [undefined, undefined, 3000, 1000, 300];

/** The faults of a seed: each kind has a rhythm of its own, or does not come. */
export function faultsOf(seed: number): FaultOptions {
  let rest = Math.imul(seed, 0x9e3779b1) >>> 0;
  const faults = Object.values(kinds).map((make) => {
    const everyMs = rhythms[rest % rhythms.length];
    rest = Math.floor(rest / rhythms.length);
    return everyMs === undefined ? {} : make(everyMs);
  });
  return Object.assign({}, ...faults) as FaultOptions;
}

/** One program under the faults of one seed. Rejects as `simulate` does, with the command that repeats it. */
export async function runSeed(name: string, seed: number, options: SimOptions = {}): Promise<SimResult> {
  const app = apps[name];
  if (app === undefined) throw new Error(`no program "${name}": there are ${Object.keys(apps).join(", ")}`);
  return simulate(app as never, {
    untilMs: 3000,
    seed,
    faults: faultsOf(seed),
    // What the programs find wrong about what they were sent.
    crashes: ({ reason }) =>
      typeof reason !== "object" ||
      reason.type !== "crash" ||
      !["Disorder", "Surprise"].includes(reason.name),
    repeat: () => `npm run sim -- --app ${name} --seed ${seed} --trace`,
    ...options,
  });
}
