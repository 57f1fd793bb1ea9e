export { actor, type ActorProtocol, type ActorSpec } from "./actor.ts";
export { assert } from "./assert.ts";
export {
  Behavior,
  behaviorOf,
  defines,
  type ArgsOf,
  type Definition,
  type InfoOf,
  type ProtocolOf,
} from "./behavior.ts";
export type { Booted } from "./boot.ts";
export { demonitor, link, LinkedVia, monitor, viaKey } from "./bonds.ts";
export { CallMessage } from "./call.ts";
export { Caller, noreply, type Later } from "./caller.ts";
export type { Addressed } from "./claims.ts";
export type { Cell } from "./cell.ts";
export type { Carrier } from "./carrier.ts";
export { defineErrors, isMotesError, MotesError, type ErrorTable, type MakeError } from "./errors.ts";
export { devices, isDevice, type Device } from "./device.ts";
export { key } from "./key.ts";
export type { CrashReport, Down, Exit, KernelEvent, ServiceEvent, ServiceStep } from "./event.ts";
export {
  eventHandler,
  events,
  leave,
  type EventHandler,
  type EventHandlerSpec,
  type EventsOptions,
  type EventsProtocol,
  type HandlerAdded,
  type HandlerGone,
  type HandlerInfo,
} from "./events.ts";
export {
  crashOf,
  isOrderly,
  isReason,
  reasonText,
  shutdown,
  type Crash,
  type ExitReason,
  type Shutdown,
} from "./exit.ts";
export { groups, type GroupChange, type Groups } from "./groups.ts";
export {
  hostSerial,
  hostVm,
  type BootRequest,
  type BootResult,
  type HostDown,
  type HostProtocol,
  type HostUp,
  type OtherHost,
} from "./host.ts";
export { announce, find } from "./hosts.ts";
export { Kernel, type KernelOptions } from "./kernel.ts";
export { limits } from "./limits.ts";
export type { MailboxOptions, Overflow } from "./mailbox.ts";
export { CastMessage, type Call, type Cast, type Message } from "./message.ts";
export { machine, type MachineProtocol, type MachineSpec } from "./machine.ts";
export type { MachineSelf, MachineStart } from "./machine-self.ts";
export { name, type Name } from "./name.ts";
export type { AbortControl, Platform } from "./platform.ts";
export { process, ProcessBehavior, type Body, type ProcessOptions } from "./process.ts";
export { Address, addressOf, Home, refTo, sameRef, type Ref } from "./ref.ts";
export { RelayedCall } from "./relayed-call.ts";
export { registry, type DuplicateRegistry, type Registry } from "./registry.ts";
export { DownMessage, ExitMessage } from "./event.ts";
export { cellOf, exit, selfOf } from "./actor-self.ts";
export type { BootOptions, Self, Tests, TimerRef } from "./self.ts";
export type { ServerSelf } from "./server-self.ts";
export { control, type CallFailure, type ControlKind, type SignalSink } from "./signal.ts";
export { Slot } from "./slot.ts";
export { ignore, StartWait, type Started, type Starting } from "./start.ts";
export { sys, type ActorInfo, type ActorStatus } from "./sys.ts";
export type { Statistics, TraceEvent, TraceSink } from "./trace.ts";
export { reserved, type Handed, type Probe } from "./succession.ts";
export { task, type Task, type TaskOptions, type TaskWork } from "./task.ts";
export { taskStream, type TaskResult, type TaskStream, type TaskStreamOptions } from "./task-stream.ts";
export { Wait } from "./wait.ts";
export type { Work } from "./work.ts";
export {
  asSealed,
  unikernel,
  type AnyUnikernel,
  type SealedUnikernel,
  type Unikernel,
  type UnikernelOptions,
  type UnikernelSpec,
} from "./unikernel.ts";
