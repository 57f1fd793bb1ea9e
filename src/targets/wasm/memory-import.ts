import { encoded, headerBytes, joined, unsigned, withSection } from "./exported-table.ts";

/**
 * A WebAssembly module whose one imported memory is shared and may be of any size: the same bytes but for what it asks of that memory.
 * Shared, since V8 counts 16 MiB for each other one as memory in use, and would look for garbage at every few of them. Looks at the section of
 * imports and at nothing else. Throws if no memory is imported.
 */
export function withMemoryOfAnySize(module: Uint8Array): Uint8Array<ArrayBuffer> {
  let at = headerBytes;
  while (at < module.length) {
    const [bytes, bodyAt] = unsigned(module, at + 1);
    if (module[at] !== importSection) {
      at = bodyAt + bytes;
      continue;
    }
    const [from, to] = limitsOfMemory(module, bodyAt);
    const body = joined(module.subarray(bodyAt, from), anySize, module.subarray(to, bodyAt + bytes));
    return withSection(module, at, body, bodyAt + bytes);
  }
  throw new Error("the module imports nothing");
}

const importSection = 2;
const shared = 3;
const pagesMax = 65_536;
const anySize: readonly number[] = [shared, ...encoded(0), ...encoded(pagesMax)];

/** Where the limits of the first imported memory are. */
function limitsOfMemory(module: Uint8Array, bodyAt: number): readonly [from: number, to: number] {
  let [entries, at] = unsigned(module, bodyAt);
  const skip = (): void => void ([, at] = unsigned(module, at));
  const skipLimits = (): void => {
    const bounded = ((module[at] ?? 0) & 1) === 1;
    at += 1;
    skip();
    if (bounded) skip();
  };
  for (; entries > 0; entries--) {
    for (const _name of ["module", "name"]) {
      const [length, textAt] = unsigned(module, at);
      at = textAt + length;
    }
    const kind = module[at++];
    if (kind === kinds.memory) {
      const from = at;
      skipLimits();
      return [from, at];
    }
    if (kind === kinds.function) skip();
    else if (kind === kinds.global) at += 2;
    else if (kind === kinds.table) {
      at += 1;
      skipLimits();
    } else throw new Error(`an import of kind ${kind} is not known here`);
  }
  throw new Error("the module imports no memory");
}

const kinds = { function: 0, table: 1, memory: 2, global: 3 } as const;
