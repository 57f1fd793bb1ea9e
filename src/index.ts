/** The public API of motes: what programs use inside a VM, and the host that boots them. */
export * from "./guest-api.ts";
export type { BootsPolicy } from "./cluster/boots-for-others.ts";
export type { HostInfo, JoinNatsOptions, JoinOptions, JoinTcpOptions } from "./cluster/join-options.ts";
export type { Membership } from "./cluster/membership.ts";
export { createHost, Host } from "./host/host.ts";
export type { HostBootOptions, HostOptions, RunningVm, WarmOptions } from "./host/host-options.ts";
export { bundle } from "./image/bundle.ts";
export type { Image } from "./image/image.ts";
export { defaultLogger, pinoLog, type HostLog } from "./observe/log.ts";
export { prettyLines } from "./observe/pretty.ts";
export { isolate } from "./targets/isolate/host.ts";
export { processTarget } from "./targets/process/host.ts";
export { qemu, qemuTarget, type QemuOptions } from "./targets/qemu/host.ts";
export { wasm, wasmInstance, wasmPacked } from "./targets/wasm/host.ts";
export type { Commons, LogLine, Target, Vm, VmEvents, VmSpec } from "./targets/target.ts";
