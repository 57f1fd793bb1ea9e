import type { BootOptions, Call, Ref, ServiceEvent, ServiceStep } from "../../kernel/index.ts";
import type { ReplaceErrorCode } from "../errors.ts";

/** One VM that serves. */
export interface ServiceVm {
  readonly vm: number;
  /** Where it is, as in addresses; `""` is the service's own host. */
  readonly host: string;
  /** Keys belong to places. */
  readonly place: number;
  /** Calls it has not answered yet. */
  readonly outstanding: number;
  /** Messages of any kind that were passed on to it. */
  readonly passed: number;
  /** Calls that it has failed. */
  readonly failed: number;
}

export interface ServiceStatus {
  readonly label: string;
  readonly wanted: number;
  readonly booting: number;
  /** Messages that wait because no VM can take them now. */
  readonly waiting: number;
  readonly vms: readonly ServiceVm[];
}

/** What a replacement is to do, as it travels. */
export interface ReplaceRequest {
  readonly entry: string | undefined;
  readonly options: BootOptions;
  readonly force: boolean;
  readonly observeMs: number | undefined;
  readonly failuresMax: number;
}

export interface ReplaceStep {
  readonly step: ServiceStep;
  readonly vm: number;
  readonly durationMs: number;
}

export type ReplaceResult =
  | { readonly ok: true; readonly steps: readonly ReplaceStep[]; readonly durationMs: number }
  /** What served before goes on. `message` says why. */
  | {
      readonly ok: false;
      readonly error: ReplaceErrorCode;
      readonly message: string;
      readonly steps: readonly ReplaceStep[];
      readonly durationMs: number;
    };

/** What a service answers itself, beside what it passes on. */
export type ServiceProtocol =
  | Call<"$status", readonly [], ServiceStatus>
  | Call<"$replace", readonly [request: ReplaceRequest], ReplaceResult>
  | Call<"$events", readonly [subscriber: Ref<ServiceEvent>], void>;
