import type { Call, Ref, ServiceEvent } from "../../kernel/index.ts";

/** One VM that serves. */
export interface ServiceVm {
  readonly vm: number;
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

/** What a service answers itself, beside what it passes on. */
export type ServiceProtocol =
  | Call<"$status", readonly [], ServiceStatus>
  | Call<"$events", readonly [subscriber: Ref<ServiceEvent>], void>;
