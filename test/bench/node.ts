/**
 * Contenders written in TypeScript: the compiled script, run by this very Node in a process of its own.
 */
import { fileURLToPath } from "node:url";
import type { Program } from "./bench.ts";

export interface NodeOptions {
  /** Flags for node itself, before the script. */
  readonly flags?: readonly string[];
  /** Arguments of the script, before the amount of work. */
  readonly args?: readonly string[];
}

/** `script` is relative to this folder and named as in the source, e.g. "pingpong-local/lower-bound.ts". */
export function node(script: string, { flags = [], args = [] }: NodeOptions = {}): Program {
  const compiled = fileURLToPath(new URL(script.replace(/\.ts$/, ".js"), import.meta.url));
  const command = {
    file: process.execPath,
    args: [...flags, compiled, ...args],
    env: { NODE_OPTIONS: undefined },
  };
  return { prepare: () => Promise.resolve(command) };
}
