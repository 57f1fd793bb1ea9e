import { confineText } from "../confine.ts";
import { noHeapFlag } from "./compiled-form.ts";
import { enterSandboxText } from "./sandbox.ts";

/** `v8::V8::SetFlagsFromString`, as every addon sees it. Node's own way to it is a module that takes longer to load than it saves. */
const setV8Flags = "_ZN2v82V818SetFlagsFromStringEPKc";

/**
 * The first code of a child, before any of the program's: dies with its host from here on, takes koffi and then shuts the doors to
 * native code and to other processes. Its heap has its limit by then; the flag for it is taken back, since V8 refuses what was
 * compiled without it, most of Node included. Then it does what its host says, line by line, and nothing between two lines, since it waits for
 * them in a call that does not return: reads the image, enters its sandbox, runs the program's top level, becomes the VM. It
 * tells the host of whatever is thrown. Plain JavaScript, since it is handed over as text.
 */
export const starter = `(() => {
"use strict";
const fs = require("node:fs");
const { addonPath, hostPid } = JSON.parse(process.argv[1]);
process.argv.length = 1;
const addon = { exports: {} };
process.dlopen(addon, addonPath);
const koffi = addon.exports;
const lib = koffi.load(null);
lib.func("int prctl(int option, unsigned long argument)")(1, 9);
try {
  lib.func("void ${setV8Flags}(const char *flags)")("${noHeapFlag}");
} catch {}
if (process.ppid !== hostPid) process.exit(0);
process.on("uncaughtException", (thrown) => {
  const text = (value) => typeof value === "string" ? value.slice(0, 100000) : undefined;
  const reason = thrown instanceof Error
    ? { type: "crash", name: text(thrown.name) ?? "Error", message: text(thrown.message) ?? "", code: text(thrown.code), stack: text(thrown.stack) }
    : { type: "crash", name: "thrown", message: String(thrown).slice(0, 100000) };
  fs.writeSync(3, JSON.stringify({ type: "halted", reason }) + "\\n");
  process.exit(1);
});
const open = lib.func("int open(const char *path, int flags)");
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
const { readSync, writeSync } = fs;
const { parse, stringify } = JSON;
for (const key of ["module", "require", "exports", "__filename", "__dirname"]) delete globalThis[key];
const tell = (message) => writeSync(3, stringify(message) + "\\n");
const chunk = Buffer.allocUnsafeSlow(65536);
let early = Buffer.alloc(0);
const hear = () => {
  for (;;) {
    const end = early.indexOf(10);
    if (end >= 0) {
      const line = early.toString("utf8", 0, end);
      early = early.subarray(end + 1);
      return parse(line);
    }
    const got = readSync(4, chunk);
    if (got === 0) process.exit(0);
    early = Buffer.concat([early, chunk.subarray(0, got)]);
  }
};
const load = ({ path, codeBytes, cachedBytes, file }) => {
  const fd = file === undefined ? 5 : open(file, 0);
  const read = (bytes, at) => {
    const whole = Buffer.allocUnsafeSlow(bytes);
    for (let got = 0; got < bytes; ) got += readSync(fd, whole, got, bytes - got, at + got);
    return whole;
  };
  const cachedData = read(cachedBytes, codeBytes);
  const script = new Script(read(codeBytes, 0).toString(), { filename: path + ".mote", cachedData });
  if (script.cachedDataRejected) tell({ type: "uncompiled" });
  fs.closeSync(fd);
  return script;
};
const evaluate = (script, { path, confinement, sandbox }) => {
  const lacking = sandbox === undefined ? [] : ${enterSandboxText}(koffi, sandbox);
  if (lacking.length > 0) tell({ type: "log", line: { level: "debug", text: "this kernel does not confine the process: it lacks " + lacking.join(", ") } });
  const image = { exports: {} };
  const all = createRequire(path);
  const given = confinement === undefined ? all : ${confineText}(confinement, all, tell);
  script.runInThisContext()(image, image.exports, given, path, path.replace(/\\/[^/]*$/, "") || "/");
  globalThis.motesClose?.();
  return image.exports;
};
let script;
let image;
tell({ type: "blank" });
for (;;) {
  const message = hear();
  if (message.type === "load") script = load(message.script);
  else if (message.type === "prime") {
    image = evaluate(script, message.program);
    image.rehearse?.();
    tell({ type: "primed" });
  } else {
    image ??= evaluate(script, message.program);
    image.default(message.options, { koffi, writeSync, Socket, early });
    return;
  }
}
})()`;
