import { confineText } from "../confine.ts";
import { noHeapFlag } from "./compiled-form.ts";
import { enterSandboxText } from "./sandbox.ts";

/** `v8::V8::SetFlagsFromString`, as every addon sees it. Node's own way to it is a module that takes longer to load than it saves. */
const setV8Flags = "_ZN2v82V818SetFlagsFromStringEPKc";

/**
 * The first code of a child, before any of the program's: dies with its host from here on, takes koffi and then shuts the doors to
 * native code and to other processes, reads the image, and tells the host of whatever is thrown. Its heap has its limit by then; the flag for it is
 * taken back, since V8 refuses what was compiled without it, most of Node included. Plain JavaScript, since it is handed over as text.
 */
export const starter = `(() => {
"use strict";
const fs = require("node:fs");
const options = JSON.parse(process.argv[1]);
process.argv.length = 1;
const addon = { exports: {} };
process.dlopen(addon, options.addonPath);
const koffi = addon.exports;
const lib = koffi.load(null);
lib.func("int prctl(int option, unsigned long argument)")(1, 9);
try {
  lib.func("void ${setV8Flags}(const char *flags)")("${noHeapFlag}");
} catch {}
if (process.ppid !== options.hostPid) process.exit(0);
process.on("uncaughtException", (thrown) => {
  const text = (value) => typeof value === "string" ? value.slice(0, 100000) : undefined;
  const reason = thrown instanceof Error
    ? { type: "crash", name: text(thrown.name) ?? "Error", message: text(thrown.message) ?? "", code: text(thrown.code), stack: text(thrown.stack) }
    : { type: "crash", name: "thrown", message: String(thrown).slice(0, 100000) };
  fs.writeSync(3, JSON.stringify({ type: "halted", reason }) + "\\n");
  process.exit(1);
});
for (const name of ["dlopen", "kill", "_kill", "_debugProcess"]) {
  Object.defineProperty(process, name, {
    value: () => {
      throw Object.assign(new Error("process." + name + " is not for programs in a VM"), { code: "ERR_ACCESS_DENIED" });
    },
  });
}
const { createRequire } = require("node:module");
const { Script } = require("node:vm");
const { Socket } = require("node:net");
const { writeSync } = fs;
for (const key of ["module", "require", "exports", "__filename", "__dirname"]) delete globalThis[key];
const lacking = options.sandbox === undefined ? [] : ${enterSandboxText}(koffi, options.sandbox);
const read = (bytes, at) => {
  const whole = Buffer.allocUnsafeSlow(bytes);
  for (let got = 0; got < bytes; ) got += fs.readSync(5, whole, got, bytes - got, at + got);
  return whole;
};
const script = new Script(read(options.codeBytes, 0).toString(), {
  filename: options.path + ".mote",
  cachedData: read(options.cachedBytes, options.codeBytes),
});
fs.closeSync(5);
const image = { exports: {} };
const all = createRequire(options.path);
const { stringify } = JSON;
const tell = (message) => writeSync(3, stringify(message) + "\\n");
if (lacking.length > 0) tell({ type: "log", line: { level: "debug", text: "this kernel does not confine the process: it lacks " + lacking.join(", ") } });
const given = options.confinement === undefined ? all : ${confineText}(options.confinement, all, tell);
script.runInThisContext()(image, image.exports, given, options.path, options.path.replace(/\\/[^/]*$/, "") || "/");
globalThis.motesClose?.();
image.exports.default(options, { koffi, writeSync, Socket });
})()`;
