/** `motes/cloud`: declarations of clouds, and the planner that keeps them true. */
export { cloud, command, image, scaled } from "./cloud.ts";
export type {
  Budget,
  ChurnOptions,
  Cloud,
  CloudOptions,
  CommandProgram,
  CommandReady,
  HostFilter,
  ImageProgram,
  KeyValues,
  Program,
  RestartOptions,
  Role,
  RoleOptions,
  SpreadOptions,
  TargetName,
  UpdateOptions,
} from "./declaration.ts";
export type { CloudEvent } from "./event.ts";
export type { HostInfo } from "./host-table.ts";
export {
  simulateCloud,
  type CloudSimulation,
  type SimulatedCloud,
  type SimulatedPhase,
} from "./simulation/simulate.ts";
