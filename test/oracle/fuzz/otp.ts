import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Case } from "../case.ts";
import { scenarioTerm } from "./erlang-term.ts";
import type { Scenario } from "./scenario.ts";

const run = promisify(execFile);
/** A driver that has not finished after so long, in ms, is stuck: then the case is one that the driver cannot express. */
const patienceMs = 60_000;

export const hasErlang = (): boolean => spawnSync("erlc", ["-help"]).error === undefined;

/** The real OTP supervisor: runs scenarios and gives them back with what it did. Its files are in a directory of its own. */
export class Otp {
  private readonly directory = mkdtempSync(join(tmpdir(), "motes-otp-"));
  private batches = 0;

  constructor() {
    // From dist/test when compiled, from test when run from source: the driver is only beside the source.
    const source = fileURLToPath(import.meta.url).replace("/dist/test/", "/test/");
    execFileSync("erlc", ["-o", this.directory, join(source, "../../sup_oracle.erl")]);
  }

  async record(scenarios: readonly Scenario[]): Promise<readonly Case[]> {
    const into = join(this.directory, `batch-${this.batches++}`);
    mkdirSync(into);
    for (const scenario of scenarios)
      writeFileSync(join(into, `${scenario.name}.term`), scenarioTerm(scenario));
    const args = ["-noshell", "-pa", this.directory, "-run", "sup_oracle", "main", "record", into, into];
    await run("erl", args, { timeout: patienceMs });
    const cases = scenarios.map(
      ({ name }) => JSON.parse(readFileSync(join(into, `${name}.json`), "utf8")) as Case,
    );
    rmSync(into, { recursive: true });
    return cases;
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
