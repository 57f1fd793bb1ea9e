/**
 * From a program's file to one script: esbuild, twice where there are keys. The second time the constants are where they are used,
 * so that what only dead code asked for goes too. Nothing of the program runs here but its modules of keys.
 */
import { existsSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  build,
  formatMessages,
  type BuildOptions,
  type BuildResult,
  type Message,
  type Plugin,
} from "esbuild";
import { isMotesError } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import { builtin, isBuiltin, isDoor } from "./builtins.ts";
import { type GivenKeys, Keys, type KeySetting } from "./keys.ts";

/** The ending of our own files: `.ts` when this runs from source, `.js` when compiled. Guest and host must be the same. */
const ownEnding = extname(fileURLToPath(import.meta.url));
const own = (path: string): string => fileURLToPath(new URL(path + ownEnding, import.meta.url));

/** A program as one CommonJS script. Paths are relative to the program's folder, so that they say nothing of where it was built. */
export interface Compiled {
  /** Absolute path of the program's file. */
  readonly path: string;
  readonly code: string;
  /** Version 3. */
  readonly sourceMap: string;
  readonly keys: Readonly<Record<string, KeySetting>>;
  /** Modules of Node that the code still asks for, and `motes/door` if it listens. */
  readonly builtins: readonly string[];
  /** Files that went into it, by path from the program's folder, with the modules that they import of Node, and of doors. */
  readonly imports: ReadonlyMap<string, readonly string[]>;
}

type Output = BuildResult<{ write: false; metafile: true }>;

/**
 * `sealed`: without comments and blanks, which would say where it was built.
 *
 * Throws `IMAGE_NOT_FOUND`, `IMAGE_BROKEN` (syntax, unresolved imports), `IMAGE_NO_DEFAULT`, `KEY_UNKNOWN`, `KEY_MISSING`, `KEY_INVALID`. */
export async function compile(file: string, given: GivenKeys, sealed = false): Promise<Compiled> {
  const path = resolve(file);
  if (!existsSync(path)) throw srcError("IMAGE_NOT_FOUND", { path: file });
  const keys = new Keys(given);
  try {
    const first = await build({ ...options(path, entryOf(path), [keys.plugin]), minifyWhitespace: sealed });
    keys.checkGiven();
    const configured = Object.keys(keys.settings).length > 0;
    const last = configured ? await fold(path, keys, sealed) : first;
    const text = (ending: string): string =>
      last.outputFiles.find((output) => output.path.endsWith(ending))?.text ?? "";
    return {
      path,
      code: text(".js"),
      sourceMap: text(".map"),
      keys: keys.settings,
      builtins: [...asked(last), ...listening(path, first)],
      imports: new Map(
        Object.entries(first.metafile.inputs).map(([input, { imports }]) => [
          input,
          imports.flatMap(({ path: to, original }) =>
            isBuiltin(to) ? [to] : original !== undefined && isDoor(original) ? [original] : [],
          ),
        ]),
      ),
    };
  } catch (problem) {
    throw await explain(problem, path, file);
  }
}

const entryOf = (path: string): string => {
  const ours = (name: string): string => JSON.stringify(own(`../targets/${name}`));
  return `import { boot as isolate } from ${ours("isolate/guest")};
import { boot as child } from ${ours("process/guest")};
import { boot as machine } from ${ours("qemu/guest")};
import { rehearse } from ${ours("rehearsal")};
import { summaryOf } from ${ours("summary")};
import "motes:close";
import app from ${JSON.stringify(path)};
export default (options, own) => ({ isolate, process: child, qemu: machine })[options.target](app, options, own);
export { rehearse };
export const summary = () => summaryOf(app);`;
};

/** The bundle as one ES module, and that bundled again. */
async function fold(path: string, { settings }: Keys, sealed: boolean): Promise<Output> {
  const constants = new Keys(
    Object.fromEntries(Object.entries(settings).map(([name, { value = "" }]) => [name, value])),
  );
  const whole = await build({
    ...options(path, entryOf(path), [constants.plugin]),
    format: "esm",
    sourcemap: "inline",
  });
  const text = whole.outputFiles[0]?.text ?? "";
  const folded = await build({ ...options(path, text, []), keepNames: false, minifyWhitespace: sealed });
  // What CommonJS modules ask for is hidden from the second pass.
  const hidden = Object.values(whole.metafile.outputs).flatMap(({ imports }) =>
    imports.filter(({ kind }) => kind === "require-call"),
  );
  for (const output of Object.values(folded.metafile.outputs)) output.imports.push(...hidden);
  return folded;
}

function options(path: string, contents: string, plugins: Plugin[]) {
  return {
    stdin: { contents, resolveDir: dirname(path), sourcefile: "motes:boot", loader: "js" },
    absWorkingDir: dirname(path),
    bundle: true,
    write: false,
    metafile: true,
    outfile: join(dirname(path), "image.js"),
    platform: "node",
    format: "cjs",
    target: "node20",
    sourcemap: "external",
    sourcesContent: false,
    keepNames: true,
    minifySyntax: true,
    treeShaking: true,
    // As requires, which a VM can refuse.
    supported: { "dynamic-import": false },
    logLevel: "silent",
    plugins: [...plugins, closing, unused],
    alias: {
      "motes/port": own("../port/index"),
      "motes/cluster": own("../cluster/index"),
      "motes/door": own("../door/index"),
      motes: own("../guest-api"),
    },
  } satisfies BuildOptions;
}

/** Between the guest's own modules and the program's: what `confine` has prepared is done now. */
const closing: Plugin = {
  name: "motes close",
  setup: (bundle) => {
    bundle.onResolve({ filter: /^motes:close$/ }, ({ path }) => ({
      path,
      namespace: "motes",
      sideEffects: true,
    }));
    bundle.onLoad({ filter: /^motes:close$/, namespace: "motes" }, () => ({
      contents: "globalThis.motesClose?.();",
    }));
  },
};

/** A module of Node that nothing is taken from need not be asked for. */
const unused: Plugin = {
  name: "motes builtins",
  setup: (bundle) => {
    // No other import is asked about: each question goes from one process to another.
    bundle.onResolve({ filter: builtin }, ({ path }) => ({ path, external: true, sideEffects: false }));
  },
};

function asked({ metafile }: Output): readonly string[] {
  const paths = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  return [...new Set(paths.filter(isBuiltin))].sort();
}

/** Nothing is kept of a module that nobody uses: this file is there only with a door that stands on it. */
function listening(path: string, { metafile }: Output): readonly string[] {
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.keys(output.inputs));
  const listener = own("../door/listener");
  return inputs.some((input) => resolve(dirname(path), input) === listener) ? ["motes/door"] : [];
}

async function explain(problem: unknown, path: string, file: string): Promise<unknown> {
  if (isMotesError(problem)) return problem;
  const errors = (problem as { readonly errors?: readonly Message[] }).errors ?? [];
  // Ours, thrown in a plugin.
  const ours: unknown = errors.find(({ detail }) => isMotesError(detail))?.detail;
  if (ours !== undefined) return ours;
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
  // esbuild names files from the program's folder; a person looks from where they stand.
  const seen = errors.map((error) => {
    const { location } = error;
    if (location === null) return error;
    return {
      ...error,
      location: { ...location, file: relative(process.cwd(), resolve(dirname(path), location.file)) },
    };
  });
  const problems = await formatMessages(seen, { kind: "error" });
  return srcError("IMAGE_BROKEN", { path: file, problems: problems.map((text) => text.trim()) }, problem);
}
