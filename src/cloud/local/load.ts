/**
 * A cloud's file becomes the cloud that it declares. The file is the operator's own, as the configuration of a build tool is, and is run
 * in this process with all that Node has; of a cloud's programs nothing runs here.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { isMotesError } from "../../../kernel/index.ts";
import { asCloud } from "../cloud.ts";
import type { Cloud } from "../declaration.ts";
import { cloudError } from "../errors.ts";

/** Throws `CLOUD_FILE`, `CLOUD_OPTION`, `CLOUD_BUDGET`. */
export async function loadCloud(file: string): Promise<Cloud> {
  const path = resolve(file);
  if (!existsSync(path)) throw cloudError("CLOUD_FILE", { file, why: "there is no such file" });
  try {
    const found: unknown = await import(await moduleOf(path));
    return asCloud((found as { readonly default?: unknown }).default, file);
  } catch (problem) {
    if (isMotesError(problem)) throw problem;
    const why = problem instanceof Error ? problem.message : String(problem);
    throw cloudError("CLOUD_FILE", { file, why }, problem);
  }
}

async function moduleOf(path: string): Promise<string> {
  // Compiled or not.
  const ending = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
  const { outputFiles } = await build({
    entryPoints: [path],
    bundle: true,
    write: false,
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "silent",
    alias: { "motes/cloud": fileURLToPath(new URL(`../index${ending}`, import.meta.url)) },
  });
  const text = outputFiles[0]?.text ?? "";
  return `data:text/javascript;base64,${Buffer.from(text).toString("base64")}`;
}
