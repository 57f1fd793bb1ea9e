import { readFileSync } from "node:fs";

/** The version in the package this file belongs to. */
export function packageVersion(): string {
  // From dist/src/cli when compiled, from src/cli when run from source.
  for (const up of ["../../../package.json", "../../package.json"]) {
    try {
      const { name, version } = JSON.parse(readFileSync(new URL(up, import.meta.url), "utf8")) as {
        readonly name?: string;
        readonly version?: string;
      };
      if (name === "motes" && version !== undefined) return version;
    } catch {
      // Not there: the other place.
    }
  }
  return "unknown";
}
