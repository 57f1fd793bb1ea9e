import { actor, type Caller } from "motes";

/** What a run comes to. Times in ms. */
export interface Report {
  readonly nodes: number;
  readonly keysMs: number;
  /** From the start of the first tor until the client was at 100 %. */
  readonly clientMs: number;
  /** The same, until all nodes were. */
  readonly allMs: number;
  /** What the first request went through. */
  readonly path: readonly string[];
  readonly kills: number;
  /** From the kill of a relay until it was at 100 % again. */
  readonly backMs: readonly number[];
  /** Of each request that was answered. */
  readonly answersMs: readonly number[];
  /** Why the others were not. */
  readonly failures: readonly string[];
}

type Times = Pick<Report, "nodes" | "keysMs" | "clientMs" | "allMs" | "path">;

/** Counts what happens while the network is up, and has the report in the end. */
export const tally = actor({
  label: "tally",
  init: () => ({
    kills: 0,
    backMs: [] as number[],
    answersMs: [] as number[],
    failures: [] as string[],
    waiting: [] as Caller<Report>[],
  }),
  call: {
    /** Answered when the run is over. */
    report({ waiting }) {
      const caller = this.caller<Report>();
      waiting.push(caller);
      return caller.later;
    },
    close({ waiting, ...counts }, times: Times): Report {
      const report: Report = { ...times, ...counts };
      for (const caller of waiting) caller.reply(report);
      return report;
    },
  },
  cast: {
    answered: ({ answersMs }, elapsedMs: number) => void answersMs.push(elapsedMs),
    failed: ({ failures }, why: string) => void failures.push(why),
    killed: (counts) => {
      counts.kills += 1;
    },
    back: ({ backMs }, elapsedMs: number) => void backMs.push(elapsedMs),
  },
});
