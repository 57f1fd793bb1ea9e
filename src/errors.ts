import { defineErrors, reasonText, type ExitReason, type MakeError } from "../kernel/index.ts";

/** What the toolstack and the command line refuse: code to text. Each code has a line in `docs/errors.md`. */
const table = {
  IMAGE_NOT_FOUND: (d: { path: string }) => `no such program: ${d.path}. Give the path of a .ts or .js file.`,
  IMAGE_BROKEN: (d: { path: string; problems: readonly string[] }) =>
    `${d.path} cannot be bundled:\n${d.problems.join("\n")}`,
  IMAGE_NO_DEFAULT: (d: { path: string }) =>
    `${d.path} has no default export. End it with: export default unikernel({ root: ... })`,
  IMAGE_NOT_UNIKERNEL: (d: { path: string; got: string }) =>
    `the default export of ${d.path} is ${d.got}, and not a unikernel. End it with: export default unikernel({ root: ... })`,
  IMAGE_FOREIGN: (d: { path: string }) =>
    `${d.path} is not an image of this format. Make one: motes build app.ts -o app.mote`,
  IMAGE_TRUNCATED: (d: { path: string; expected: number; got: number }) =>
    `${d.path} says that it has ${d.expected} bytes and has ${d.got}: it was cut off or added to. Copy or build it again.`,
  IMAGE_DIGEST: (d: { path: string; expected: string; got: string }) =>
    `${d.path} was changed after it was sealed: its digest is ${d.got} and should be ${d.expected}. Copy or build it again.`,
  IMAGE_MANIFEST: (d: { path: string; what: string }) =>
    `the manifest of ${d.path} makes no sense: ${d.what}. Build it again.`,
  IMAGE_PROTOCOL: (d: { path: string; expected: string; got: string }) =>
    `${d.path} speaks the protocol ${d.got}, and this host ${d.expected}. Build it with the release of motes that boots it.`,
  KEY_UNKNOWN: (d: { key: string; known: readonly string[] }) =>
    `there is no key "${d.key}". There is: ${d.known.join(", ") || "none, since no *.keys.ts module is imported"}`,
  KEY_MISSING: (d: { key: string; type: string }) =>
    `the key "${d.key}" has no default. Give its ${d.type} when you build: --key ${d.key}=...`,
  KEY_INVALID: (d: { key: string; expected: string; got: string }) =>
    `the key "${d.key}" takes ${d.expected}, and got ${d.got}`,
  DEVICE_UNDECLARED: (d: { path: string; uses: readonly string[] }) =>
    `${d.path} reaches outside its VM without saying so:\n${d.uses.join("\n")}`,
  DEVICE_UNKNOWN: (d: { device: string; known: readonly string[] }) =>
    `there is no device "${d.device}". There is: ${d.known.join(", ")}`,
  DEVICE_NOT_GRANTED: (d: { path: string; missing: readonly string[] }) =>
    `${d.path} needs ${d.missing.join(", ")}, which was not granted. If you trust it with that: --allow ${d.missing.join(",")}, or boot it with devices: ${JSON.stringify(d.missing)}`,
  VMS_EXHAUSTED: (d: { vm: string; vmsMax: number }) =>
    `${d.vm} and those that it boots may have ${d.vmsMax} VMs at a time, and have them. If that is meant to be: boot it with a larger vmsMax.`,
  TARGET_WEAKER: (d: { target: string; booter: string }) =>
    `a VM that is "${d.booter}" asked for one that is "${d.target}", whose boundary is weaker: it could get out of its own by it. Boot that one from where the boundary is no stronger, or from outside.`,
  VM_NOT_OWNED: (d: { vm: number }) =>
    `kill of VM ${d.vm}: only who has booted a VM, or the booter of that one, may have it killed.`,
  TARGET_UNSUPPORTED: (d: { path: string; target: string; known: readonly string[] }) =>
    `${d.path} has no code for the target "${d.target}". It has it for: ${d.known.join(", ")}`,
  TARGET_LACKS_DEVICE: (d: { path: string; target: string; missing: readonly string[] }) =>
    `${d.path} needs ${d.missing.join(", ")}, which the target "${d.target}" does not have. Use another one, such as isolate.`,
  IMAGE_NOT_WRITTEN: (d: { path: string; why: string }) =>
    `the image cannot be written to ${d.path}: ${d.why}. Give another place with -o.`,
  IMAGE_THROWS: (d: { path: string; message: string }) => `${d.path} throws while it is loaded: ${d.message}`,
  VM_UNDECLARED: (d: { entry: string; known: readonly string[] }) =>
    `the image has no unikernel named "${d.entry}" (it has ${d.known.join(", ")}). List it in the vms of the default export: unikernel({ root, vms: [...] })`,
  VM_START_FAILED: (d: { vm: string; reason: ExitReason }) => `${d.vm} did not start: ${startText(d.reason)}`,
  VM_BOOT_TIMEOUT: (d: { vm: string; timeoutMs: number }) =>
    `${d.vm} was not ready within ${d.timeoutMs} ms and was killed. Does its root's init wait for something? Give it more with bootTimeoutMs.`,
  WASM_MEMORIES_EXHAUSTED: (d: { why: string }) =>
    `this process has no room for the memory of another WebAssembly instance: ${d.why}. V8 reserves 10 GB of addresses for each, so that there are some 13000 at most. Boot it in another process, or with the target "wasm", whose VMs share a memory.`,
  TARGET_UNAVAILABLE: (d: { target: string; why: string; advice: string }) =>
    `this machine cannot run VMs with the target "${d.target}": ${d.why}. ${d.advice}. Or use another one, such as isolate.`,
  UNKNOWN_TARGET: (d: { target: string; known: readonly string[] }) =>
    `there is no target "${d.target}". There is: ${d.known.join(", ")}`,
  TOO_MANY_VMS: (d: { vmsMax: number }) =>
    `this host has ${d.vmsMax} VMs and can hold no more. End some, or make it with a larger vmsMax.`,
  HOST_MEMORY: (d: { memoryMbMax: number; usedMb: number; memoryMb: number }) =>
    `a VM of ${d.memoryMb} MiB finds no room on this host: ${d.usedMb} of ${d.memoryMbMax} MiB are taken. End some VMs, give this one less, or make the host with a larger memoryMbMax.`,
  IMAGE_UNKNOWN: (d: { image: string; known: readonly string[] }) =>
    `this host keeps no image "${d.image}". It keeps: ${d.known.join(", ") || "none"}. Give it one with host.keep(name, image).`,
  CERT_OPTION: (d: { option: string; expected: string; got: string }) =>
    `${d.option} must be ${d.expected}, got ${d.got}.`,
  CERT_EXISTS: (d: { path: string }) =>
    `${d.path} is there already. A new one would shut out who relies on it: choose another folder with --dir, or say --force.`,
  CERT_AUTHORITY: (d: { dir: string; why: string }) =>
    `there is no authority in ${d.dir} that could issue a certificate: ${d.why}. Make one: motes cert init.`,
  CERT_NOT_WRITTEN: (d: { path: string; why: string }) =>
    `${d.path} cannot be written: ${d.why}. Give another folder with --dir.`,
  REGION_INVALID: (d: { path: string; bytes: number; got: number }) =>
    `${d.path} has ${d.got} bytes, and not ${d.bytes}: it is not what the host has made there.`,
  CONTROL_FOLDER: (d: { folder: string; why: string }) =>
    `this host cannot be asked by other commands, since there is no place for its socket in ${d.folder}: ${d.why}. Give a folder of your own by MOTES_RUNTIME_DIR.`,
  CONTROL_UNKNOWN: (d: { op: string; known: readonly string[] }) =>
    `this host does not know the request "${d.op}". It knows: ${d.known.join(", ")}. Is it of another release?`,
  CONTROL_LOST: (d: { path: string }) => `the host behind ${d.path} does not answer: it has ended.`,
  CONTROL_ANSWER: () => "the host's answer is too long for one line, or is no JSON. Ask for less.",
  NO_HOST: (d: { folder: string }) =>
    `no host of yours runs on this machine (none has a socket in ${d.folder}). Start one: motes run app.ts`,
  HOST_UNKNOWN: (d: { host: string | undefined; known: readonly string[] }) =>
    d.host === undefined
      ? `more than one host runs here: say which, with --host. There is: ${d.known.join(", ")}`
      : `no host "${d.host}" runs here, or more than one. There is: ${d.known.join(", ")}`,
  VM_UNKNOWN: (d: { vm: string; known: readonly string[] }) =>
    `there is no VM "${d.vm}", or more than one. There is: ${d.known.join(", ")}`,
  TOO_MANY_FOLLOWERS: (d: { followersMax: number }) =>
    `${d.followersMax} others follow the log of this host already. End some: motes attach ends with Ctrl-C.`,
  FOLLOWER_GONE: (d: { forgetAfterMs: number }) =>
    `nobody follows under this number any more: who does not fetch for ${d.forgetAfterMs} ms is forgotten. Attach again.`,
  SERVICE_UNKNOWN: (d: { service: string; known: readonly string[] }) =>
    `there is no service "${d.service}" here, or more than one. There is: ${d.known.join(", ") || "none"}`,
  HOST_LISTEN: (d: { where: string; why: string }) =>
    `this host cannot listen at ${d.where}: ${d.why}. Choose another port, or 0 for any.`,
  HOST_JOINED: (d: { host: string }) =>
    `join as ${d.host}: this host has joined others already, and does so once.`,
  HOST_LINKED: (d: { host: string }) =>
    `there is a link between this host and ${d.host} already, and one is enough.`,
  HOST_CROSSED: (d: { host: string }) =>
    `both hosts have dialled each other at once, and the link that ${d.host} dials counts.`,
  HOST_NAME_TAKEN: (d: { host: string; by: string }) =>
    `${d.by} is linked with another host that is named ${d.host}, and lives. Give each its own name; a host that was restarted is let in as soon as its last life counts as lost.`,
  JOIN_NOWHERE: () => "join({ name }): say where the other hosts are, with tcp or nats.",
  LANE_RECORD: (d: { bytes: number; bytesMax: number }) =>
    `a record of ${d.bytes} bytes between VMs of two hosts, and ${d.bytesMax} are the most: a VM or a host that does not keep to the protocol. This way is closed.`,
  HOST_NOT_MANAGED: (d: { op: string; known: readonly string[] }) =>
    `the request "${d.op}" is none that people at other hosts may make of this one. They may: ${d.known.join(", ") || "nothing"}. A host that motes host has started takes them.`,
  HOST_OPTION: (d: { option: string; expected: string; got: string }) =>
    `${d.option} must be ${d.expected}, got ${d.got}.`,
  HOST_ALONE: (d: { hosts: readonly string[] }) =>
    `a boot on ${d.hosts.join(" or ")}: this host has joined nobody. Join first: host.join({ name, tcp }).`,
  HOST_UNREACHABLE: (d: { hosts: readonly string[]; timeoutMs: number; joined: readonly string[] }) =>
    `a boot on ${d.hosts.join(" or ")}: not joined within ${d.timeoutMs} ms. Joined are: ${d.joined.join(", ") || "none"}.`,
  HOST_NO_BOOTS: (d: { name: string }) =>
    `${d.name}: this host boots nothing for others. If it is meant to: join({ boots: { devices: [] } }) there.`,
  IMAGE_TOO_LARGE: (d: { bytes: number; bytesMax: number; partsMax: number }) =>
    `an image of ${d.bytes} bytes from another host: ${d.bytesMax} are the most, and ${d.partsMax} of a host at a time.`,
  HOST_STOPPED: (d: { what: string }) =>
    `${d.what}: this host has stopped. Make a new one with createHost().`,
  UNKNOWN_OPTION: (d: { option: string; known: readonly string[] }) =>
    `unknown option ${d.option}. There is: ${d.known.join(", ")}`,
  UNKNOWN_COMMAND: (d: { command: string; known: readonly string[] }) =>
    `unknown command ${d.command}. There is: ${d.known.join(", ")}`,
  MISSING_ARGUMENT: (d: { what: string; usage: string }) => `${d.what} is missing. Usage: ${d.usage}`,
};

export const srcError: MakeError<typeof table> = defineErrors(table);

/** A supervisor's failed start names the child and holds the child's own reason: what helps is at the bottom. */
function startText(reason: ExitReason): string {
  const failed = failedPart(reason);
  return failed === undefined
    ? `${reasonText(reason)}${adviceFor(reason)}`
    : `its ${failed.what} ${failed.id} did not start: ${startText(failed.reason)}`;
}

interface FailedPart {
  readonly what: "child" | "application";
  readonly id: string;
  readonly reason: ExitReason;
}

function failedPart(reason: ExitReason): FailedPart | undefined {
  if (typeof reason !== "object" || reason.type !== "shutdown") return undefined;
  const { detail } = reason;
  if (typeof detail !== "object" || detail === null) return undefined;
  const { type, id, reason: why } = detail as Readonly<Record<string, unknown>>;
  const what = type === "failed_to_start_child" ? "child" : "application";
  if (type !== `failed_to_start_${what}` || typeof id !== "string") return undefined;
  const told = typeof why === "string" || (typeof why === "object" && why !== null && "type" in why);
  // Sound: a supervisor, or `applications`, puts the reason that it was given here; what a program made up has at least its shape.
  return told ? { what, id, reason: why as ExitReason } : undefined;
}

function adviceFor(reason: ExitReason): string {
  if (typeof reason !== "object" || reason.type !== "crash") return "";
  if (reason.code === "EADDRINUSE")
    return ". Another program listens there: stop it, or choose another port.";
  if (reason.code === "EACCES") return ". Ports below 1024 need privileges: choose another port.";
  return "";
}
