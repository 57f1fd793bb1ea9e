/** Type-checks blocks of pages against the built package, as a program that depends on it would be. */
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { root, type Block } from "./markdown.ts";

const strict = {
  compilerOptions: {
    target: "ES2023",
    lib: ["ES2023", "ES2024"],
    module: "NodeNext",
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
    skipLibCheck: true,
  },
  include: ["*.ts"],
};

/** What the compiler says against them; "" if nothing. Blocks without a name are numbered. */
export async function problemsOf(all: readonly Block[], folderName = "docs-blocks"): Promise<string> {
  if (!existsSync(join(root, "dist/src/index.d.ts")))
    throw new Error("the package is not built: run npm run build");
  // Within the package, so that `motes` is the package itself.
  const folder = join(root, "dist", folderName);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(strict));
  for (const [index, { page, name, text }] of all.entries()) {
    const file = name === "" ? `block-${index}.ts` : name;
    writeFileSync(join(folder, `${page.replaceAll(/\W/g, "_")}-${file}`), text);
  }
  try {
    await promisify(execFile)(process.execPath, [
      join(root, "node_modules/typescript/bin/tsc"),
      "-p",
      folder,
    ]);
    return "";
  } catch (problem) {
    return String((problem as { readonly stdout?: unknown }).stdout ?? problem);
  }
}
