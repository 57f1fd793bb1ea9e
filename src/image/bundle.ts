import { existsSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";
import { build, formatMessages, type Message, type OutputFile } from "esbuild";
import type { AnyUnikernel, Unikernel } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import type { Image } from "./image.ts";
import { Origins } from "./origins.ts";

/** The ending of our own files: `.ts` when this runs from source, `.js` when compiled. Guest and host must be the same. */
const ownEnding = extname(fileURLToPath(import.meta.url));
const own = (path: string): string => fileURLToPath(new URL(path + ownEnding, import.meta.url));

/**
 * Bundles a program in memory, with the kernel it runs on. Whatever version of `motes` the program resolves, it gets the
 * host's own: both ends of a ring must speak the same.
 * Its root's protocol is known to the types if the module is named: `bundle<typeof app>("app.ts")`, with `import type app`.
 * Throws `IMAGE_NOT_FOUND`, `IMAGE_BROKEN` (syntax, unresolved imports), `IMAGE_NO_DEFAULT`.
 */
export async function bundle<U extends AnyUnikernel = Unikernel<never, never>>(
  file: string,
): Promise<Image<RootOf<U>>> {
  const path = resolve(file);
  if (!existsSync(path)) throw srcError("IMAGE_NOT_FOUND", { path: file });
  const files = await compile(path, file);
  const bundled = files.find((output) => output.path.endsWith(".js"))?.text ?? "";
  // As it is run: V8 takes its compiled form for the very same text only.
  const code = `(function (module, exports, require, __filename, __dirname) {${bundled}\n})`;
  const sourceMap = files.find((output) => output.path.endsWith(".map"))?.text ?? "{}";
  const script = new Script(code, { filename: `${path}.mote` });
  return {
    name: basename(path, extname(path)),
    path,
    code,
    cachedData: script.createCachedData(),
    origins: new Origins(sourceMap),
  };
}

type RootOf<U> = U extends Unikernel<never, infer M> ? M : never;

async function compile(path: string, file: string): Promise<readonly OutputFile[]> {
  const guest = (target: string): string => JSON.stringify(own(`../targets/${target}/guest`));
  try {
    const { outputFiles } = await build({
      stdin: {
        contents: `import app from ${JSON.stringify(path)};
import { boot as isolate } from ${guest("isolate")};
import { boot as child } from ${guest("process")};
export default (options, koffi) => (options.target === "process" ? child : isolate)(app, options, koffi);`,
        resolveDir: dirname(path),
        sourcefile: "motes:boot",
        loader: "js",
      },
      bundle: true,
      write: false,
      outfile: join(dirname(path), "image.js"),
      platform: "node",
      format: "cjs",
      target: "node20",
      sourcemap: "external",
      keepNames: true,
      minifySyntax: true,
      treeShaking: true,
      logLevel: "silent",
      alias: { motes: own("../guest-api") },
    });
    return outputFiles;
  } catch (problem) {
    throw await explain(problem, path, file);
  }
}

async function explain(problem: unknown, path: string, file: string): Promise<Error> {
  const errors = (problem as { readonly errors?: readonly Message[] }).errors ?? [];
  if (
    errors.some(
      ({ text }) =>
        text.startsWith("No matching export") && text.includes('"default"') && text.includes(basename(path)),
    )
  ) {
    return srcError("IMAGE_NO_DEFAULT", { path: file });
  }
  if (errors.length === 0)
    return srcError("IMAGE_BROKEN", { path: file, problems: [String(problem)] }, problem);
  const problems = await formatMessages([...errors], { kind: "error" });
  return srcError("IMAGE_BROKEN", { path: file, problems: problems.map((text) => text.trim()) }, problem);
}
