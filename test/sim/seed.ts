import { simulate, type FaultOptions, type SimOptions, type SimResult } from "../../src/testing/index.ts";
import { apps, farApps } from "./apps.ts";

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

type Kinds = Readonly<Record<string, (everyMs: number) => FaultOptions>>;

/** Ms of virtual time from one fault of a kind to the next, on average. */
const rhythms = [undefined, undefined, 3000, 1000, 300];

/** The faults of a seed: each kind has a rhythm of its own, or does not come. */
export function faultsOf(seed: number, of: Kinds = kinds, salt = 0x9e3779b1): FaultOptions {
  let rest = Math.imul(seed, salt) >>> 0;
  const faults = Object.values(of).map((make) => {
    const everyMs = rhythms[rest % rhythms.length];
    rest = Math.floor(rest / rhythms.length);
    return everyMs === undefined ? {} : make(everyMs);
  });
  return Object.assign({}, ...faults) as FaultOptions;
}

/** The same for hosts: what comes and goes there takes a few times the detection time, or less. */
const hostKinds = {
  hostKill: (everyMs: number) => ({ hostKill: { everyMs, backMs: [1, 1500] as const } }),
  hostCut: (everyMs: number) => ({ hostCut: { everyMs, forMs: [1, 1500] as const } }),
  hostPause: (everyMs: number) => ({ hostPause: { everyMs, forMs: [1, 1200] as const } }),
} satisfies Record<string, (everyMs: number) => FaultOptions>;

/** One program under the faults of one seed. Rejects as `simulate` does, with the command that repeats it. */
export async function runSeed(name: string, seed: number, options: SimOptions = {}): Promise<SimResult> {
  const far = farApps[name];
  const app = apps[name] ?? far?.app;
  const known = [...Object.keys(apps), ...Object.keys(farApps)].join(", ");
  if (app === undefined) throw new Error(`no program "${name}": there are ${known}`);
  return simulate(app as never, {
    untilMs: 3000,
    seed,
    faults: faultsOf(seed),
    ...(far === undefined ? {} : { ...overHosts(seed), ...far.options }),
    // What the programs find wrong about what they were sent.
    crashes: ({ reason }) =>
      typeof reason !== "object" ||
      reason.type !== "crash" ||
      !["Disorder", "Surprise"].includes(reason.name),
    repeat: () => `npm run sim -- --app ${name} --seed ${seed} --trace`,
    ...options,
  });
}

const overHosts = (seed: number): SimOptions => ({
  hosts: ["a", "b", "c"],
  detectMs: 400,
  faults: { ...faultsOf(seed), ...faultsOf(seed, hostKinds, 0x85ebca6b) },
});
