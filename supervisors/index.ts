export {
  application,
  type AnyApplication,
  type Application,
  type ApplicationOptions,
  type StartedTops,
  type StartType,
  type TopsOf,
} from "./application.ts";
export { applications, type ApplicationInfo, type ApplicationsProtocol } from "./applications.ts";
export type { Backoff } from "./backoff.ts";
export type { ChildType } from "./check-spec.ts";
export {
  child,
  template,
  vm,
  vmTemplate,
  type AnyChild,
  type Child,
  type ChildOptions,
  type RefOf,
  type Restart,
  type ShutdownTime,
  type Siblings,
  type Template,
  type TemplateOptions,
} from "./child-spec.ts";
export type { SpecErrorCode } from "./errors.ts";
export { supervisorFacts, type SupervisorFacts } from "./facts.ts";
export type { Intensity } from "./intensity.ts";
export type { AutoShutdown, Children, DynamicOptions, RefsOf, SupervisorOptions } from "./options.ts";
export type {
  ChildCount,
  ChildInfo,
  ChildStarted,
  Done,
  DynamicProtocol,
  InstanceInfo,
  RestartChildResult,
  SpecRefused,
  StartChildResult,
  StartFailed,
  StartsChildren,
  SupervisorProtocol,
} from "./protocol.ts";
export { startChild } from "./start-child-call.ts";
export type { Strategy } from "./strategy.ts";
export { dynamicSupervisor, supervisor } from "./supervisor.ts";
export type { Balance, Keyed } from "./service/balance.ts";
export type { ScaleOptions, ServiceOptions } from "./service/options.ts";
export type { ProviderName, ProviderProtocol } from "./service/provider.ts";
export type { ReplaceErrorCode } from "./errors.ts";
export type {
  ReplaceResult,
  ReplaceStep,
  ServiceProtocol,
  ServiceStatus,
  ServiceVm,
} from "./service/protocol.ts";
export { replace, service, serviceEvents, serviceStatus, type ReplaceOptions } from "./service/service.ts";
