/**
 * Our own modules as a program bundled for WebAssembly sees them: not in its bundle, but in one beside it, that VMs of one image can share.
 * Where such a program imports one of them, it gets calls of `motesShared(module, name)`, which go where nobody uses the name.
 */
import { dirname } from "node:path";
import { build, type Plugin } from "esbuild";
import { ownName } from "./own.ts";

export class SharedModules {
  /** All that was imported, by name. */
  private readonly modules = new Map<string, string>();

  readonly plugin: Plugin = {
    name: "shared-modules",
    setup: (builder) => {
      builder.onResolve({ filter: /.*/ }, async ({ path, pluginData, ...about }) => {
        if (pluginData === this || about.kind === "entry-point" || about.namespace === "shared")
          return undefined;
        const found = await builder.resolve(path, { ...about, pluginData: this });
        const name = found.namespace === "file" ? ownName(found.path) : undefined;
        if (name === undefined) return found;
        this.modules.set(name, found.path);
        return { path: name, namespace: "shared", sideEffects: false };
      });
      builder.onLoad({ filter: /.*/, namespace: "shared" }, async ({ path: name }) => {
        const exported = await namesOf(this.modules.get(name) ?? "");
        return { contents: exported.map((each) => constant(name, each)).join("\n") };
      });
    },
  };

  /** A module that gives the program what it has kept of them: `shared(module, name)`. */
  moduleFor(code: string): string {
    const used = [...code.matchAll(/motesShared\("([^"]+)","([^"]+)"\)/g)].flatMap(
      ([, name = "", each = ""]) => {
        const path = this.modules.get(name);
        return path === undefined ? [] : [{ name, each, path }];
      },
    );
    const distinct = [...new Map(used.map((use) => [`${use.name} ${use.each}`, use])).entries()].toSorted();
    const imports = distinct.map(
      ([, { each, path }], index) => `import { ${each} as x${index} } from ${JSON.stringify(path)};`,
    );
    const entries = distinct.map(([key], index) => `${JSON.stringify(key)}: x${index}`);
    return `${imports.join("\n")}
export const table = { ${entries.join(", ")} };
export const shared = (module, name) => table[\`\${module} \${name}\`];`;
  }
}

const constant = (module: string, name: string): string => {
  const value = `/* @__PURE__ */ motesShared(${JSON.stringify(module)}, ${JSON.stringify(name)})`;
  return name === "default" ? `export default ${value};` : `export const ${name} = ${value};`;
};

/** What a module exports beside types. */
async function namesOf(path: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [path],
    absWorkingDir: dirname(path),
    bundle: true,
    write: false,
    metafile: true,
    platform: "node",
    format: "esm",
    packages: "external",
    logLevel: "silent",
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}
