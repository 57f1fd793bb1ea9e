import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bundle } from "../../../../src/index.ts";
import { Supplies } from "../../../../src/targets/wasm/supplies.ts";
import { fixture } from "../../lab.ts";

test("supplies: a program and a worker's equipment are made once, for all that ask", async () => {
  const supplies = new Supplies("wasm");
  const image = await bundle(fixture("image/plain"));
  expect(supplies.bundle(image)).toBe(supplies.bundle(image));
  expect((await supplies.bundle(image)).code).toContain("motesProgram");
  expect(supplies.equipment()).toBe(supplies.equipment());
  expect((await supplies.equipment()).quickjs).toBeInstanceOf(WebAssembly.Module);
});

test("supplies: what could not be made is tried again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "supplies-"));
  const path = join(folder, "app.ts");
  const supplies = new Supplies("wasm");
  const image = { ...(await bundle(fixture("image/plain"))), path };
  await expect(supplies.bundle(image)).rejects.toThrow("app.ts");
  writeFileSync(path, "export default 1;");
  expect((await supplies.bundle(image)).code).toContain("motesProgram");
  rmSync(folder, { recursive: true });
});
