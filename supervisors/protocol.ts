import type { Call, ExitReason, Ref } from "../kernel/index.ts";
import type { AnyChild, Restart } from "./child-spec.ts";
import type { ChildType } from "./check-spec.ts";
import type { SpecErrorCode } from "./errors.ts";

/**
 * The calls of supervisors and what they answer: values under OTP's words, never exceptions.
 * `ref` is the child's stable address, `incarnation` the actor that is behind it now (OTP: the pid).
 */
type Failed<E extends string> = { readonly ok: false; readonly error: E };

export type Done<E extends string> = { readonly ok: true } | Failed<E>;

/** `incarnation` is undefined if its init returned `ignore`. `info` is what its start had to say (`Started`). */
export interface ChildStarted<M> {
  readonly ok: true;
  readonly ref: Ref<M>;
  readonly incarnation: Ref<M> | undefined;
  readonly info: object;
}

export type StartFailed = { readonly ok: false; readonly error: "start_failed"; readonly reason: ExitReason };

export interface SpecRefused {
  readonly ok: false;
  readonly error: Lowercase<SpecErrorCode>;
  readonly message: string;
  /** The value that was refused. */
  readonly got: string;
}

export type StartChildResult<M> =
  | ChildStarted<M>
  /** It is there and runs. */
  | {
      readonly ok: false;
      readonly error: "already_started";
      readonly ref: Ref<never>;
      readonly incarnation: Ref<never>;
    }
  /** It is there and does not run: `restartChild` or `deleteChild`. */
  | Failed<"already_present">
  /** Nothing is left of it. */
  | StartFailed
  | SpecRefused;

export type RestartChildResult =
  | ChildStarted<never>
  | StartFailed
  | Failed<"not_found" | "running" | "restarting">;

export interface ChildInfo {
  readonly id: string;
  /** `restarting`: a restart has failed and will be tried again. `stopped`: OTP's `undefined`. */
  readonly state: "running" | "restarting" | "stopped";
  readonly ref: Ref<never>;
  readonly incarnation: Ref<never> | undefined;
  readonly type: ChildType;
  readonly restart: Restart;
}

export type InstanceInfo = Omit<ChildInfo, "id">;

export interface ChildCount {
  readonly specs: number;
  /** Of which live. */
  readonly active: number;
  /** Supervisors and VMs, alive or not. */
  readonly supervisors: number;
  readonly workers: number;
}

/** The part of a supervisor's protocol that starts children: what `startChild` asks for. */
export type StartsChildren = Call<
  "startChild",
  readonly [id: string, child: AnyChild],
  StartChildResult<never>
>;

/**
 * What a supervisor answers. `startChild` puts the new child last; `terminateChild` stops it and keeps its spec, unless it is
 * temporary; `restartChild` starts it again in its old place; `deleteChild` forgets it.
 */
export type SupervisorProtocol<Refs> =
  | StartsChildren
  | Call<"terminateChild", readonly [id: string], Done<"not_found">>
  | Call<"restartChild", readonly [id: string], RestartChildResult>
  | Call<"deleteChild", readonly [id: string], Done<"not_found" | "running" | "restarting">>
  /** Newest first. */
  | Call<"whichChildren", readonly [], readonly ChildInfo[]>
  | Call<"countChildren", readonly [], ChildCount>
  /** The stable addresses of the children by id. */
  | Call<"children", readonly [], Refs>;

/** What a dynamic supervisor answers. `A` are the arguments of one child. */
export type DynamicProtocol<A extends readonly unknown[], M> =
  | Call<"startChild", A, ChildStarted<M> | StartFailed>
  /** By its stable address or its incarnation's. What is dead is fine; `not_found` lives, and is somebody else's. */
  | Call<"terminateChild", readonly [child: Ref<never>], Done<"not_found" | "simple_one_for_one">>
  | Call<"restartChild", readonly [id: string], Failed<"simple_one_for_one">>
  | Call<"deleteChild", readonly [id: string], Failed<"simple_one_for_one">>
  | Call<"whichChildren", readonly [], readonly InstanceInfo[]>
  | Call<"countChildren", readonly [], ChildCount>;
