/** `motes/port`: processes of the operating system under supervision. A program that imports it declares the device `spawn`. */
export type { PortExit, PortInfo } from "./life.ts";
export { port, stopTimeMs, type PortProtocol } from "./port.ts";
export type { PortLimits, PortOptions, PortReady, PortStop, StopSignal, Stream } from "./options.ts";
export type { PortBytes, PortCredit, PortLine, PortOutput } from "./output.ts";
