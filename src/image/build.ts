/** From a program to a sealed file, with nothing in it of the time, the place or the machine of its build. */
import { readFileSync } from "node:fs";
import { basename, dirname, extname, join, resolve } from "node:path";
import { packageVersion } from "../cli/version.ts";
import { compile, type Compiled } from "./compile.ts";
import { sealContainer } from "./container.ts";
import { devicesFor } from "./builtins.ts";
import { checkDeclared } from "./devices.ts";
import type { GivenKeys } from "./keys.ts";
import { ownName } from "./own.ts";
import { bundledTargets, protocolFingerprint, type Manifest } from "./manifest.ts";
import { portable, type Portable } from "./portable.ts";
import { summarize } from "./summarize.ts";
import { weights } from "./weights.ts";

export interface Built {
  readonly manifest: Manifest;
  /** The whole file. */
  readonly bytes: Uint8Array;
}

/** Throws what `bundle` throws, and `IMAGE_THROWS`, `IMAGE_NOT_UNIKERNEL`, `DEVICE_UNDECLARED`. */
export async function buildImage(file: string, keys: GivenKeys = {}): Promise<Built> {
  const program = await compile(file, keys, true);
  const { entry, entries, devices, needs } = await summarize(program, file);
  checkDeclared(program, devices, file);
  const { path } = program;
  // Whatever is put in front of the first line when it is run, the map's columns hold.
  const code = `\n${program.code}`;
  const sourceMap = withoutPlaces(program.sourceMap, dirname(path), 1);
  const inWasm = await portableOf(program);
  const manifest: Manifest = {
    name: basename(path, extname(path)),
    version: versionOf(dirname(path)),
    entry,
    entries,
    devices,
    needs,
    keys: program.keys,
    targets: inWasm === undefined ? bundledTargets : [...bundledTargets, "wasm"],
    protocol: protocolFingerprint(packageVersion()),
    modules: weights(code, sourceMap),
  };
  const text = JSON.stringify(manifest);
  return {
    manifest,
    bytes: await sealContainer({
      manifest: text,
      code,
      sourceMap,
      portable: inWasm?.code ?? "",
      portableMap: inWasm === undefined ? "" : withoutPlaces(inWasm.sourceMap, dirname(path), 0),
    }),
  };
}

/**
 * The program for VMs without Node. Undefined: it cannot be bundled without, or computes with modules of Node. Those that a device
 * stands for are no obstacle: whoever boots it hears that the device is lacking.
 */
async function portableOf({ path, keys }: Compiled): Promise<Portable | undefined> {
  const values = Object.entries(keys).map(([name, { value = "" }]) => [name, value] as const);
  try {
    const made = await portable({ path, keys: Object.fromEntries(values) });
    return made.absent.some((builtin) => devicesFor(builtin) === undefined) ? undefined : made;
  } catch {
    return undefined;
  }
}

/** Where `motes` and packages lie differs from machine to machine: named by what they are. The code runs so many lines further down. */
function withoutPlaces(sourceMap: string, folder: string, lines: number): string {
  // Sound: esbuild wrote this text as a source map.
  const { sources, mappings, names } = JSON.parse(sourceMap) as {
    readonly sources: readonly string[];
    readonly mappings: string;
    readonly names: readonly string[];
  };
  const named = sources.map((source) => {
    const path = resolve(folder, source);
    const ours = ownName(path);
    if (ours !== undefined) return ours;
    const inPackage = path.lastIndexOf("/node_modules/");
    return inPackage === -1 ? source : `npm:${path.slice(inPackage + "/node_modules/".length)}`;
  });
  return JSON.stringify({ version: 3, sources: named, mappings: `${";".repeat(lines)}${mappings}`, names });
}

/** Of the package that the folder is in. */
function versionOf(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const { version } = JSON.parse(readFileSync(join(at, "package.json"), "utf8")) as { version?: unknown };
      if (typeof version === "string" && version !== "") return version.slice(0, 100);
    } catch {
      // None here, or none that can be read.
    }
    if (at === dirname(at)) return "0.0.0";
  }
}
