/** The source files of the layers, for tests that hold prose or rules against them. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./markdown.ts";

export interface Source {
  /** From the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file below a folder. */
export function sources(folder: string): readonly Source[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => `${folder}/${name.replaceAll("\\", "/")}`)
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

export const layers: readonly Source[] = ["kernel", "supervisors", "transports", "src"].flatMap(sources);
