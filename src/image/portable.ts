import { dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { builtin } from "./builtins.ts";
import type { AnyImage } from "./image.ts";
import { Keys } from "./keys.ts";
import { SharedModules } from "./shared-modules.ts";

const ownEnding = extname(fileURLToPath(import.meta.url));
const own = (path: string): string => fileURLToPath(new URL(path + ownEnding, import.meta.url));

/** A program for VMs without Node. */
export interface Portable {
  /**
   * A script of two parts, each a global that it leaves behind: `motesKernel`, what we give the program and run it with, and
   * `motesProgram`, a function that makes the program anew at each call.
   */
  readonly code: string;
  /** Version 3. */
  readonly sourceMap: string;
}

interface Script {
  readonly code: string;
  readonly map: string;
  /** Modules of Node that the code still asks for, by name. */
  readonly absent: readonly string[];
}

const shared = {
  bundle: true,
  write: false,
  metafile: true,
  platform: "neutral",
  mainFields: ["module", "main"],
  format: "iife",
  target: "es2023",
  treeShaking: true,
  keepNames: true,
  minify: true,
  logLevel: "silent",
} as const satisfies BuildOptions;

/** Bundles a program with the kernel it runs on, for QuickJS. What it imports of Node is there in name only, and throws when it is used. */
export async function portable({
  path,
  keys = {},
}: Pick<AnyImage, "path" | "keys">): Promise<Portable & Pick<Script, "absent">> {
  const ours = new SharedModules();
  const contents = `import app from ${JSON.stringify(path)}; motesApp = app;`;
  const program = await script(contents, path, [new Keys(keys).plugin, ours.plugin]);
  const target = (file: string): string => JSON.stringify(own(`../targets/wasm/${file}`));
  const kernel = await script(
    `${ours.moduleFor(program.code)}
import { alone } from ${target("alone")};
import { pack } from ${target("pack")};
globalThis.motesKernel = {
  alone: (program, outside) => alone((global) => program(shared, global), outside),
  pack: (program, outside, code) => pack((global) => program(shared, global), outside, [table, program, ...code]),
};`,
    path,
    [],
  );
  // On one line, so that the map of what follows still fits, one line further down.
  const prelude = kernel.code.replaceAll("\n", " ");
  return {
    code: `${prelude}globalThis.motesProgram=function(motesShared,globalThis){var motesApp;\n${program.code}return motesApp};`,
    sourceMap: moved(program.map),
    absent: [...program.absent, ...kernel.absent],
  };
}

async function script(contents: string, path: string, plugins: readonly Plugin[]): Promise<Script> {
  const { outputFiles, metafile } = await build({
    ...shared,
    stdin: { contents, resolveDir: dirname(path), sourcefile: "motes:boot", loader: "js" },
    outfile: `${dirname(path)}/image.js`,
    sourcemap: "external",
    alias: {
      "motes/port": own("../port/index"),
      "motes/cluster": own("../cluster/index"),
      "motes/door": own("../door/index"),
      motes: own("../guest-api"),
    },
    plugins: [withoutNode, ...plugins],
  });
  const text = (ending: string): string => outputFiles.find((file) => file.path.endsWith(ending))?.text ?? "";
  const kept = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const absent = kept.flatMap(([input, { bytesInOutput }]) =>
    input.startsWith("absent:") && bytesInOutput > 0 ? [input.slice("absent:".length)] : [],
  );
  return { code: text(".js"), map: text(".map"), absent };
}

/**
 * A source map for the same code one line further down, below a line of ours, all of which comes from a source that says so. That is put in front of
 * the others; so the first place in the map, which is in the first of them, is in the second one now.
 */
function moved(map: string): string {
  const parsed = JSON.parse(map) as { readonly mappings: string; readonly sources: readonly string[] };
  const { mappings, sources } = parsed;
  const below = mappings.replace(/^([;,]*[g-z0-9+/]*[A-Zabcdef])A/, "$1C");
  if (below === mappings) return JSON.stringify({ ...parsed, mappings: `;${mappings}` });
  return JSON.stringify({ ...parsed, sources: ["motes:kernel", ...sources], mappings: `AAAA;${below}` });
}

const withoutNode: Plugin = {
  name: "without-node",
  setup(builder) {
    // No other import is asked about: each question goes from one process to another.
    builder.onResolve({ filter: builtin }, ({ path }) => {
      const name = path.replace(/^(node:)?/, "node:");
      if (name === "node:util") return { path: own("../targets/wasm/format") };
      return { path: name, namespace: "absent", sideEffects: false };
    });
    // A prototype, which is all that esbuild's import of such a module keeps of it.
    builder.onLoad({ filter: /.*/, namespace: "absent" }, ({ path }) => ({
      contents: `module.exports = Object.create(new Proxy({}, {
  get: (_, name) => name === "__esModule" || typeof name === "symbol" ? undefined : function () {
    throw new Error(${JSON.stringify(path)} + "." + name + ": a VM in WebAssembly has nothing of Node");
  },
}));`,
    }));
  },
};
