import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

/**
 * An image's code, compiled with the functions that are not called while it is loaded: its compiled form is larger, and leaves nothing
 * to be compiled while somebody waits for a boot. It is not run. Throws a `SyntaxError`.
 */
export function wholeScript({ code, path }: { readonly code: string; readonly path: string }): Script {
  setFlagsFromString("--no-lazy");
  try {
    // Another name than that of a boot, or V8 would take what it has compiled before. It does not keep it.
    return new Script(code, { filename: `${path}.whole.mote` });
  } finally {
    // The compiled form that is taken of it says under which flags, and must not say this one.
    setFlagsFromString("--lazy");
  }
}
