import { dirname, extname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { isBuiltin } from "./builtins.ts";
import type { AnyImage } from "./image.ts";
import { Keys } from "./keys.ts";

const ownEnding = extname(fileURLToPath(import.meta.url));
const own = (path: string): string => fileURLToPath(new URL(path + ownEnding, import.meta.url));

/** A program for VMs without Node. */
export interface Portable {
  /** A script. Reads `motesSetup` and `motesOutside`, and leaves `motesInside`. */
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
  const target = (file: string): string => JSON.stringify(own(`../targets/wasm/${file}`));
  const [globals, program] = await Promise.all([
    script(
      `import { installGlobals } from ${target("globals")};
import { fatal } from ${target("fatal")};
globalThis.motesLoop = installGlobals(globalThis, motesOutside, fatal(motesOutside));`,
      path,
      [],
    ),
    script(
      `import app from ${JSON.stringify(path)};
import { boot } from ${target("guest")};
globalThis.motesInside = boot(app, motesSetup, motesOutside, motesLoop);
for (const name of ["motesSetup", "motesOutside", "motesLoop"]) delete globalThis[name];`,
      path,
      [new Keys(keys).plugin],
    ),
  ]);
  // On one line, so that the map of what follows still fits, one line further down.
  const prelude = globals.code.replaceAll("\n", " ");
  return { code: `${prelude}\n${program.code}`, sourceMap: moved(program.map), absent: program.absent };
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
    plugins: [...plugins, withoutNode],
  });
  const text = (ending: string): string => outputFiles.find((file) => file.path.endsWith(ending))?.text ?? "";
  const kept = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const absent = kept.flatMap(([input, { bytesInOutput }]) =>
    input.startsWith("absent:") && bytesInOutput > 0 ? [input.slice("absent:".length)] : [],
  );
  return { code: text(".js"), map: text(".map"), absent };
}

/** A source map for the same code one line further down. */
function moved(map: string): string {
  const parsed = JSON.parse(map) as { readonly mappings: string };
  return JSON.stringify({ ...parsed, mappings: `;${parsed.mappings}` });
}

const withoutNode: Plugin = {
  name: "without-node",
  setup(builder) {
    builder.onResolve({ filter: /.*/ }, ({ path }) => {
      if (!isBuiltin(path)) return undefined;
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
