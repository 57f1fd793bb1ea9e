/**
 * Contenders written in Erlang: compiles erlang/<module>.erl and what these share into the run's own directory and starts it under `erl`.
 *
 * Where Erlang is not installed a contender is skipped, never failed. Flags from the environment (ERL_FLAGS and its
 * kin) are removed, so that "default flags" means what it says.
 */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Program } from "./bench.ts";

const run = promisify(execFile);
const NOT_FOUND = "erl not found (npm run setup)";
/** This file runs from dist/test/bench; the Erlang sources stay where they were written. */
const SOURCES = fileURLToPath(new URL("../../../test/bench/erlang/", import.meta.url));
const CLEAN_ENV = { ERL_FLAGS: undefined, ERL_AFLAGS: undefined, ERL_ZFLAGS: undefined, ERL_LIBS: undefined };

/** Schedulers that spin as long as Erlang lets them before they sleep. */
export const BUSY_WAIT = "+sbwt very_long +sbwtdcpu very_long +sbwtdio very_long";

export interface ErlangOptions {
  /** Emulator flags, separated by spaces. Default none. */
  readonly flags?: string;
  /** Arguments of `main/1`, before the amount of work. */
  readonly args?: readonly string[];
}

export function erlang(module: string, { flags = "", args = [] }: ErlangOptions = {}): Program {
  return {
    async prepare(directory) {
      if ((await erlangVersion()) === undefined) return { skipped: NOT_FOUND };
      for (const each of ["sample", "stream", module]) {
        if (existsSync(join(directory, `${each}.beam`))) continue;
        await compile(join(SOURCES, `${each}.erl`), directory);
      }
      const emulator = flags.split(" ").filter((flag) => flag !== "");
      return {
        file: "erl",
        args: [...emulator, "-noshell", "-noinput", "-pa", directory, "-run", module, "main", ...args],
        env: { ...CLEAN_ENV, ERL_CRASH_DUMP_BYTES: "0" },
      };
    },
  };
}

/** `erlc` says what is wrong on its standard output. */
async function compile(source: string, directory: string): Promise<void> {
  try {
    await run("erlc", ["-o", directory, source], { env: { ...process.env, ...CLEAN_ENV } });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout: string; readonly stderr: string };
    throw new Error(`erlc could not compile ${source}:\n${stdout}${stderr}`, { cause: error });
  }
}

/** "OTP 25 (erts 13.1.5, jit)", or undefined where `erl` or `erlc` is missing. */
export async function erlangVersion(): Promise<string | undefined> {
  const ask =
    'io:format("OTP ~s (erts ~s, ~s)", [erlang:system_info(K) || K <- [otp_release, version, emu_flavor]]), halt(0).';
  try {
    await run("erlc", ["-help"]).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") throw error;
    });
    return (await run("erl", ["-noshell", "-noinput", "-eval", ask])).stdout.trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
