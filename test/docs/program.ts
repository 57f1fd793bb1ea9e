/** Runs a program from a page as `motes run` does, and keeps what it prints. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pino from "pino";
import { bundle, createHost, pinoLog, prettyLines } from "../../src/index.ts";

/** The lines that `npx motes run <name>` prints, in order, until the program ends. What stands below a crash is left out. */
export async function printedBy(name: string, program: string): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), "motes-docs-"));
  let printed = "";
  const out = { write: (text: string) => (printed += text) };
  const host = createHost({ log: pinoLog(pino({ base: null }, prettyLines(out, false))) });
  try {
    writeFileSync(join(folder, name), program);
    const vm = await host.boot(await bundle(join(folder, name)));
    await vm.ended;
  } finally {
    await host.stop();
    rmSync(folder, { recursive: true });
  }
  return printed.split("\n").filter((line) => line !== "" && !line.startsWith("    "));
}
