import { imageOf } from "./bundle.ts";
import { compile } from "./compile.ts";
import { checkDeclared } from "./devices.ts";
import type { Image } from "./image.ts";
import type { GivenKeys } from "./keys.ts";
import { summarize } from "./summarize.ts";

/**
 * A program of one's own as an image that is never a file: it is given what it declares, and held to it. Throws what a build throws,
 * `buildImage` in `build.ts`.
 */
export async function runnable(file: string, keys: GivenKeys): Promise<Image> {
  const program = await compile(file, keys);
  const { devices, needs, entry } = await summarize(program, file);
  checkDeclared(program, devices, file);
  return { ...imageOf(program), devices, needs, entry };
}
