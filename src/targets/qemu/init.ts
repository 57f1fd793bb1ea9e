import { noHeapFlag } from "../process/compiled-form.ts";

/**
 * The first program of a hardware VM, as text: Node is its process 1 and runs this. It makes the machine usable (file systems, the
 * serial port to the host), says that it is blank, and waits to be told where its boot line is. A snapshot is taken in that moment,
 * so whatever a program must not share with its twins (clock, entropy, `Math.random`) is set after it and before any of the program's
 * code. Plain JavaScript, since it is handed over as text.
 */
export const init = `"use strict";
// The heap has its limit by now. V8 takes nothing that was compiled without the flag for it, most of Node included.
require("node:v8").setFlagsFromString("${noHeapFlag}");
const fs = require("node:fs");
const addon = { exports: {} };
process.dlopen(addon, "/koffi.node");
const koffi = addon.exports;
const libc = koffi.load(null);
const mount = libc.func("int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)");
mount("none", "/dev", "devtmpfs", 0, null);
mount("none", "/proc", "proc", 0, null);
mount("none", "/sys", "sysfs", 0, null);

// The wire to the host: a serial port without any processing, that interrupts for each byte.
fs.writeFileSync("/sys/class/tty/ttyS1/rx_trig_bytes", "1");
const O_NOCTTY = fs.constants.O_NOCTTY;
const wire = fs.openSync("/dev/ttyS1", fs.constants.O_RDWR | O_NOCTTY);
const termios = Buffer.alloc(64);
libc.func("int tcgetattr(int fd, void *termios)")(wire, termios);
libc.func("void cfmakeraw(void *termios)")(termios);
libc.func("int cfsetspeed(void *termios, unsigned int speed)")(termios, 0o10002);
libc.func("int tcsetattr(int fd, int when, void *termios)")(wire, 0, termios);
const drain = libc.func("int tcdrain(int fd)");
const reboot = libc.func("int reboot(int how)");
const { writeSync } = fs;
const { stringify } = JSON;
const { from } = Buffer;
// What a program may have changed is not asked.
const tell = (message) => {
  const bytes = from(stringify(message) + "\\n");
  for (let at = 0; at < bytes.length; ) at += writeSync(wire, bytes, at);
};
// The machine ends with its only process, and says so.
process.on("exit", (code) => {
  tell({ type: "exited", code });
  drain(wire);
  drain(1);
  reboot(0x01234567);
});
process.on("uncaughtException", (thrown) => {
  const text = (value) => typeof value === "string" ? value.slice(0, 100000) : undefined;
  const reason = thrown instanceof Error
    ? { type: "crash", name: text(thrown.name) ?? "Error", message: text(thrown.message) ?? "", code: text(thrown.code), stack: text(thrown.stack) }
    : { type: "crash", name: "thrown", message: String(thrown).slice(0, 100000) };
  tell({ type: "halted", reason });
  process.exit(1);
});
// Whatever every program needs is loaded before the snapshot: afterwards it would cost each clone a moment.
for (const name of ["async_hooks", "buffer", "crypto", "events", "module", "net", "os", "path", "perf_hooks", "stream", "timers", "timers/promises", "tty", "url", "util", "v8", "vm", "worker_threads"])
  require("node:" + name);
const ioctl = libc.func("int ioctl(int fd, unsigned long request, unsigned long argument)");
const setClock = libc.func("int clock_settime(int clock, const void *at)");
const mmap = libc.func("void *mmap(void *address, size_t bytes, int protection, int flags, int fd, int64_t offset)");
const addEntropy = libc.func("void RAND_add(const void *bytes, int count, double entropy)");
const poll = libc.func("int RAND_poll()");
const { createRequire } = require("node:module");
const { Script } = require("node:vm");
const { ReadStream } = require("node:tty");
const fromHost = new ReadStream(wire);
// Nobody is there to say what to run.
const abandoned = setTimeout(() => process.exit(0), 60000);
let heard = "";
const hear = (bytes) => {
  heard += bytes.toString("latin1");
  const end = heard.indexOf("\\n");
  if (end < 0) return;
  clearTimeout(abandoned);
  fromHost.off("data", hear);
  const line = Buffer.from(heard.slice(0, end), "latin1").toString();
  claim(JSON.parse(line), Buffer.from(heard.slice(end + 1), "latin1"));
};
fromHost.on("data", hear);

const reseed = (seed) => {
  const random = fs.openSync("/dev/urandom", "w");
  fs.writeSync(random, seed);
  ioctl(random, 0x5207, 0);
  fs.closeSync(random);
  addEntropy(seed, seed.length, seed.length);
  poll();
  // V8 keeps a stock of numbers from before the snapshot, and the state they came from: sfc32 takes its place.
  let [a, b, c, d] = new Uint32Array(seed.buffer.slice(seed.byteOffset, seed.byteOffset + 16));
  const next = () => {
    const t = (((a + b) | 0) + d) | 0;
    d = (d + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 12; i++) next();
  const random_ = { random: () => (next() * 2097152 + (next() >>> 11)) / 9007199254740992 };
  Object.defineProperty(Math, "random", { value: random_.random, writable: true, configurable: true });
};

const devices = "/sys/bus/pci/devices/";
const device = fs.readdirSync(devices).map((name) => devices + name + "/")
  .find((path) => fs.readFileSync(path + "device", "latin1").startsWith("0x1110"));
const memory = device + "resource2";
const view = (bytes, flags, fd, offset) => Buffer.from(koffi.view(mmap(null, bytes, 3, flags, fd, offset), bytes));

const claim = (line, rest) => {
  // Not before the snapshot: what is mapped then cannot be another file in a clone.
  fs.writeFileSync(device + "enable", "1");
  const fd = fs.openSync(memory, "r+");
  const read = ({ offset, bytes }) => bytes === 0 ? Buffer.alloc(0) : Buffer.from(view(bytes, 1, fd, offset));
  const { timeMs, seed, image, options } = JSON.parse(read(line).toString());
  const at = Buffer.alloc(16);
  at.writeBigInt64LE(BigInt(Math.floor(timeMs / 1000)), 0);
  at.writeBigInt64LE(BigInt(Math.round((timeMs % 1000) * 1e6)), 8);
  setClock(0, at);
  reseed(Buffer.from(seed, "hex"));
  const code = read(image.code).toString();
  const cachedData = read(image.cached);
  const guard = read(image.guard).toString();
  fs.closeSync(fd);
  process.argv.length = 1;
  const { path, confinement } = options;
  const script = new Script(code, { filename: path + ".mote", cachedData });
  if (script.cachedDataRejected) tell({ type: "uncompiled" });
  const program = { exports: {} };
  const all = createRequire(path);
  for (const key of ["module", "require", "exports", "__filename", "__dirname"]) delete globalThis[key];
  const given = confinement === undefined ? all : new Script(guard).runInThisContext()(confinement, all, tell);
  script.runInThisContext()(program, program.exports, given, path, path.replace(/\\/[^/]*$/, "") || "/");
  globalThis.motesClose?.();
  program.exports.default(options, { koffi, writeSync, wire, fromHost, rest, memory });
};
// What a claim takes is compiled before the snapshot: afterwards it would cost each clone a moment.
reseed(Buffer.alloc(32));
new Script(view(4096, 0x22, -1, 0).toString().slice(4096) + "0", { filename: "/", cachedData: new Script("0").createCachedData() }).runInThisContext();
createRequire("/")("node:fs");
tell({ type: "blank" });
`;
