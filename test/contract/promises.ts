/**
 * What each target promises of a program that means harm: one line an attack. The suite holds the promises, and docs/security.md
 * must say the same. `kept`: refused or contained, logged with the VM's name, and the neighbours do not notice. `absent`: there is nothing
 * there that could be reached, so there is nothing to log either. Else it says what is lacking.
 */
export type Promised = "kept" | "absent" | { readonly gap: string };

export const attacks = {
  files: "read a file",
  sockets: "open a socket, to listen or to connect",
  processes: "start a process or a thread, or signal one",
  environment: "read the environment",
  codeFromText: "make code from text (`eval`, `new Function`)",
  nativeCode: "load native code",
  otherRings: "see a ring or the memory of another VM",
  forgery: "speak in the name of another VM",
  kill: "have the host kill a VM that is not its own",
  hugeRecords: "write records that claim to be longer than the ring",
  hugeFrames: "send frames whose lengths have no bound",
  heap: "fill its heap",
  buffers: "fill memory beside its heap (`ArrayBuffer`)",
  actors: "spawn actors without end",
  mailboxes: "fill a mailbox without end",
  vms: "boot VMs without end",
  undeclared: "boot a VM that has devices it was not granted",
  loop: "loop without end",
  nativeLoop:
    "loop without end in a function of the language (`indexOf` in a list that claims to be endless)",
  microtasks: "resolve promises without end",
  logFlood: "flood the log",
  junkFlood: "send its host what means nothing",
  connectFlood: "flood the host with wishes for rings",
} as const;

export type Attack = keyof typeof attacks;

const kept = Object.fromEntries(Object.keys(attacks).map((attack) => [attack, "kept"])) as Record<
  Attack,
  "kept"
>;

const inWasm = {
  ...kept,
  hugeRecords: "absent",
  hugeFrames: "absent",
  files: "absent",
  sockets: "absent",
  processes: "absent",
  environment: "absent",
  nativeCode: "absent",
  codeFromText: { gap: "it may, and has no more by it" },
  nativeLoop: { gap: "it ends, and with it the VMs that share its thread" },
} as const;

export const promises: Readonly<Record<string, Readonly<Record<Attack, Promised>>>> = {
  isolate: {
    ...kept,
    nativeLoop: { gap: "its VM ends, but V8 does not let go of the thread" },
    buffers: { gap: "V8 does not count the bytes of buffers towards the limit of a worker" },
  },
  process: kept,
  wasm: inWasm,
  "wasm-packed": inWasm,
  "wasm-instance": inWasm,
  qemu: {
    ...kept,
    logFlood: { gap: "its serial port is slower than the bound, and holds it back" },
    connectFlood: { gap: "its serial port is slower than the bound, and holds it back" },
  },
};

/** A memory that is soon full, where it is not 32 MiB. */
export const smallMb: Readonly<Record<string, number>> = { wasm: 2, "wasm-packed": 2, "wasm-instance": 2 };
