/** Holds a program to the devices that it declares: at its build against what it imports, and at its boot against what is granted. */
import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { devices as allDevices, isDevice, type Device } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import { behind, devicesFor } from "./builtins.ts";
import type { Target } from "../targets/target.ts";
import type { Compiled } from "./compile.ts";
import type { Manifest } from "./manifest.ts";
import { isOwn } from "./own.ts";

/** What a target can give. The others can give everything. */
const has: Readonly<Record<string, readonly Device[]>> = {
  process: ["listen", "connect", "spawn", "vms", "log"],
  wasm: ["vms", "log"],
};

/** Throws `DEVICE_UNDECLARED` with the place of each import that no declared device covers. */
export function checkDeclared(program: Compiled, declared: readonly Device[], file: string): void {
  const folder = dirname(program.path);
  const uses: string[] = [];
  for (const [input, builtins] of program.imports) {
    const path = resolve(folder, input);
    if (isOwn(path)) continue;
    for (const builtin of new Set(builtins)) {
      const reached = behind(builtin);
      const covering = devicesFor(reached);
      if (!program.builtins.includes(reached) || covering === undefined) continue;
      if (covering.some((device) => declared.includes(device))) continue;
      const advice =
        covering.length === 0
          ? "no device covers it"
          : `declare it: unikernel({ devices: [${covering.map((device) => `"${device}"`).join(" or ")}] })`;
      uses.push(`${relative(process.cwd(), path)}:${lineOf(path, builtin)}: imports ${builtin}; ${advice}`);
    }
  }
  if (uses.length > 0) throw srcError("DEVICE_UNDECLARED", { path: file, uses });
}

/** `listen,connect`. Throws `DEVICE_UNKNOWN`. */
export function parseDevices(text: string): readonly Device[] {
  const names = text.split(",").filter((name) => name !== "");
  return names.map((device) => {
    if (isDevice(device)) return device;
    throw srcError("DEVICE_UNKNOWN", { device, known: allDevices });
  });
}

/** Throws `TARGET_UNSUPPORTED`, `TARGET_LACKS_DEVICE`, `DEVICE_NOT_GRANTED`, in this order. */
export function checkBootable(
  { targets, devices }: Manifest,
  boot: {
    readonly path: string;
    readonly target: Pick<Target, "name" | "form">;
    readonly granted: readonly Device[];
  },
): void {
  const { path, granted } = boot;
  const { name: target, form = target } = boot.target;
  if (!targets.includes(form)) throw srcError("TARGET_UNSUPPORTED", { path, target, known: targets });
  const given = Object.hasOwn(has, form) ? has[form] : undefined;
  const lacking = devices.filter((device) => given?.includes(device) === false);
  if (lacking.length > 0) throw srcError("TARGET_LACKS_DEVICE", { path, target, missing: lacking });
  const missing = devices.filter((device) => !granted.includes(device));
  if (missing.length > 0) throw srcError("DEVICE_NOT_GRANTED", { path, missing });
}

/** Of the first mention of the module as a text; 1 if it has none, as in generated code. */
function lineOf(path: string, builtin: string): number {
  let lines: readonly string[];
  try {
    lines = readFileSync(path, "utf8").split("\n");
  } catch {
    return 1;
  }
  const mentions = lines.map((line) => line.includes(`"${builtin}"`) || line.includes(`'${builtin}'`));
  // A type's import stays in the source only.
  const real = mentions.findIndex(
    (mention, index) => mention && !/^\s*import type\b/.test(lines[index] ?? ""),
  );
  return Math.max(0, real) + 1;
}
