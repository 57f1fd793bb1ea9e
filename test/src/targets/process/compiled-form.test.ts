import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { expect, test, vi } from "vitest";
import type { AnyImage } from "../../../../src/image/image.ts";
import { bundle } from "../../../../src/index.ts";
import {
  compiledForm,
  heapFlag,
  noHeapFlag,
  ownHeapFlag,
} from "../../../../src/targets/process/compiled-form.ts";
import { fixture } from "../../lab.ts";

/** Whether a child refuses a form, having taken back its flag for the heap. */
function rejected({ code, path }: AnyImage, form: Uint8Array, flag: string): string {
  const folder = mkdtempSync(join(tmpdir(), "compiled-"));
  writeFileSync(join(folder, "form"), form);
  writeFileSync(join(folder, "code"), code);
  const check = `const fs = require("node:fs");
    require("node:v8").setFlagsFromString(${JSON.stringify(noHeapFlag)});
    const read = (name, as) => fs.readFileSync(${JSON.stringify(folder)} + "/" + name, as);
    const script = new (require("node:vm").Script)(read("code", "utf8"), {
      filename: ${JSON.stringify(`${path}.mote`)}, cachedData: read("form") });
    console.log(script.cachedDataRejected);`;
  const said = execFileSync(process.execPath, [flag, "-e", check], { env: {}, encoding: "utf8" });
  rmSync(folder, { recursive: true });
  return said.trim();
}

test("compiled-form: a child that has taken back its flag for the heap takes it, whatever its host was given", async () => {
  const image = await bundle(fixture("hello"));
  expect(compiledForm(image)).toBe(image.cachedData);
  expect(rejected(image, image.cachedData, heapFlag(64))).toBe("false");
  vi.stubEnv("NODE_OPTIONS", heapFlag(3000));
  setFlagsFromString(heapFlag(3000));
  try {
    const own = await bundle(fixture("hello"));
    // Newer versions of V8 do not look at the heap's flags any more.
    if (process.versions.node.startsWith("20."))
      expect(rejected(own, own.cachedData, heapFlag(64))).toBe("true");
    expect(rejected(own, compiledForm(own), heapFlag(64))).toBe("false");
  } finally {
    setFlagsFromString(noHeapFlag);
    vi.unstubAllEnvs();
  }
});

test.each([
  [[], undefined, 0],
  [["--expose-gc", "--max-old-space-size=100"], "--max-old-space-size=50", 100],
  [["--max_old_space_size", "200"], undefined, 200],
  [[], "--trace-warnings --max-old-space-size=50", 50],
] as const)(
  "compiled-form: the heap that a process was given is known (%#)",
  (execArgv, options, expected) => {
    expect(ownHeapFlag(execArgv, options)).toBe(`--max-old-space-size=${expected}`);
  },
);
