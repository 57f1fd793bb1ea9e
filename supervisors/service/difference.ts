import type { Probe } from "../../kernel/index.ts";

const kinds = ["call", "cast", "message"];

/** What the present program of a service has and the new one lacks: a protocol may only grow. Pure. */
export function missingIn(fresh: Probe, old: Probe): readonly string[] {
  const missing = old.operations.flatMap((names, kind) => {
    const has = new Set(fresh.operations[kind]);
    return names.filter((name) => !has.has(name)).map((name) => `${kinds[kind]} "${name}"`);
  });
  return old.handsOff && !fresh.adopts ? [...missing, "adopt, for the state that is handed over"] : missing;
}
