import { basename, extname } from "node:path";
import type { AnyUnikernel, Unikernel } from "../../kernel/index.ts";
import { compile, type Compiled } from "./compile.ts";
import type { AnyImage, Image } from "./image.ts";
import type { GivenKeys } from "./keys.ts";
import { Origins } from "./origins.ts";
import { wholeForm } from "./whole-script.ts";

export interface BundleOptions {
  /** Values of the program's keys, by name. Default: each key's own. */
  readonly keys?: GivenKeys;
}

/**
 * Bundles a program in memory, with the kernel it runs on. Whatever version of `motes` the program resolves, it gets the
 * host's own: both ends of a ring must speak the same. It is booted with all devices that its target has.
 * Its root's protocol is known to the types if the module is named: `bundle<typeof app>("app.ts")`, with `import type app`.
 * Throws `IMAGE_NOT_FOUND`, `IMAGE_BROKEN` (syntax, unresolved imports), `IMAGE_NO_DEFAULT`, `KEY_UNKNOWN`, `KEY_MISSING`, `KEY_INVALID`.
 */
export async function bundle<U extends AnyUnikernel = Unikernel<never, never>>(
  file: string,
  { keys = {} }: BundleOptions = {},
): Promise<Image<RootOf<U>>> {
  return imageOf(await compile(file, keys));
}

type RootOf<U> = U extends Unikernel<never, infer M> ? M : never;

/** Has V8 compile the script once for all its boots. Throws a `SyntaxError` if it is none. */
export function imageOf<M>(
  program: Pick<Compiled, "path" | "code" | "sourceMap"> & Partial<Pick<Compiled, "keys">>,
): Image<M> {
  const { keys = {} } = program;
  const code = `(function (module, exports, require, __filename, __dirname) {${program.code}\n})`;
  return {
    ...imageFrom({ ...program, code }),
    keys: Object.fromEntries(Object.entries(keys).map(([name, { value = "" }]) => [name, value])),
  };
}

/** Of code as it is run: V8 takes its compiled form for the very same text only. Throws a `SyntaxError` if it is none. */
export function imageFrom({
  path,
  code,
  sourceMap,
}: Pick<Compiled, "path" | "code" | "sourceMap">): AnyImage {
  return {
    name: basename(path, extname(path)),
    path,
    code,
    cachedData: wholeForm({ code, path }),
    origins: new Origins(sourceMap),
  };
}
