import { setFlagsFromString } from "node:v8";
import { Script } from "node:vm";

/** Where V8 writes into a compiled form the number of the flags that it was made under. Were it elsewhere, forms would be made some times for nothing. */
const flagsAt = 12;
const triesMax = 8;

/**
 * V8's compiled form of an image's code, with the functions that are not called while it is loaded: it is larger, and leaves nothing
 * to be compiled while somebody waits for a boot. The code is not run. Throws a `SyntaxError`.
 *
 * V8's flags are the whole process's, and a form is taken only under those that it was made under. Another thread that asks for their
 * number in the wrong moment has V8 remember that of other flags, so the form is made again until it has that of the flags as they are.
 */
export function wholeForm({ code, path }: { readonly code: string; readonly path: string }): Buffer {
  const script = wholeScript(code, path);
  for (let tries = 1; ; tries++) {
    const form = script.createCachedData();
    const others = recountFlags();
    const named = form.readUInt32LE(flagsAt);
    if (tries === triesMax || (named === flagsNow() && named !== others)) return form;
  }
}

/** V8 forgets the number of its flags when one of them changes, and counts anew what they are then. Returns what it was in between. */
export function recountFlags(): number {
  setFlagsFromString("--no-lazy");
  try {
    return flagsNow();
  } finally {
    setFlagsFromString("--lazy");
  }
}

const flagsNow = (): number => new Script("0").createCachedData().readUInt32LE(flagsAt);

function wholeScript(code: string, path: string): Script {
  setFlagsFromString("--no-lazy");
  try {
    // Another name than that of a boot, or V8 would take what it has compiled before. It does not keep it.
    return new Script(code, { filename: `${path}.whole.mote` });
  } finally {
    setFlagsFromString("--lazy");
  }
}
