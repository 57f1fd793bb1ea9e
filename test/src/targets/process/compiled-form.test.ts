import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundle } from "../../../../src/index.ts";
import { compiledForm, heapFlag, ownHeapFlag } from "../../../../src/targets/process/compiled-form.ts";
import { fixture } from "../../lab.ts";

test("compiled-form: a child whose flag for the heap is that one takes it, and one with another does not", async () => {
  const image = await bundle(fixture("hello"));
  const folder = mkdtempSync(join(tmpdir(), "compiled-"));
  const rejected = (bytes: Uint8Array, flag: string): string => {
    writeFileSync(join(folder, "form"), bytes);
    writeFileSync(join(folder, "code"), image.code);
    const check = `const fs = require("node:fs");
      const read = (name, as) => fs.readFileSync(${JSON.stringify(folder)} + "/" + name, as);
      const script = new (require("node:vm").Script)(read("code", "utf8"), {
        filename: ${JSON.stringify(`${image.path}.mote`)}, cachedData: read("form") });
      console.log(script.cachedDataRejected);`;
    return execFileSync(process.execPath, [flag, "-e", check], { env: {}, encoding: "utf8" }).trim();
  };
  const form = compiledForm(image, heapFlag(64));
  expect(rejected(form, heapFlag(64))).toBe("false");
  expect(rejected(compiledForm(image), "--no-warnings")).toBe("false");
  // Newer versions of V8 do not look at the heap's flags any more.
  if (process.versions.node.startsWith("20.")) expect(rejected(form, heapFlag(65))).toBe("true");
  rmSync(folder, { recursive: true });
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
