import { readdirSync, readFileSync } from "node:fs";

/**
 * The recorded cases: a spec, events, and what the real OTP supervisor did. Reasons and results are Erlang terms as text.
 */
export interface SupSpec {
  readonly id: string;
  readonly strategy: string;
  readonly intensity: number;
  /** Seconds. */
  readonly period: number;
  readonly auto_shutdown: string;
  readonly init?: "ignore";
  readonly children: readonly ChildSpec[];
}

export interface ChildSpec {
  readonly id: string;
  readonly type: "worker" | "supervisor";
  readonly restart: string;
  readonly significant: boolean;
  readonly shutdown: number | string;
  readonly sup?: SupSpec;
  readonly start?: StartPlan;
  readonly on_shutdown?: OnShutdown;
}

/** What the k-th start made with this very object does; the last one repeats. */
export type StartPlan = readonly {
  readonly result: "ok" | "error" | "ignore" | "raise" | "bad";
  readonly reason?: string;
  readonly info?: string;
  readonly then_exit?: string;
}[];

export interface OnShutdown {
  readonly mode: "exit" | "trap" | "hang";
  readonly reason?: string;
  readonly delay?: number;
}

export type OracleEvent =
  | { readonly op: "exit" | "kill"; readonly child: string; readonly reason: string }
  | {
      readonly op: "start_child";
      readonly sup: string;
      readonly spec: ChildSpec;
      readonly instance?: undefined;
    }
  | { readonly op: "start_child"; readonly sup: string; readonly instance: string; readonly start: StartPlan }
  | { readonly op: "start_child_raw"; readonly sup: string; readonly term: string }
  | {
      readonly op: "terminate_child" | "restart_child" | "delete_child";
      readonly sup: string;
      readonly child: string;
    }
  | { readonly op: "which_children" | "count_children"; readonly sup: string }
  | {
      readonly op: "exit_sup";
      readonly sup: string;
      readonly from: "parent" | "stranger" | "linked";
      readonly reason: string;
    }
  | { readonly op: "send"; readonly sup: string; readonly message: string }
  | { readonly op: "align" | "advance"; readonly ms: number }
  | { readonly op: "batch"; readonly sup: string; readonly events: readonly OracleEvent[] };

export type Result = string | readonly Result[];

export interface Entry {
  readonly event: string;
  readonly result: Result;
  readonly effects: readonly string[];
  readonly reports: readonly string[];
  readonly alive: boolean;
  readonly children: Readonly<Record<string, readonly string[]>>;
}

export interface Case {
  readonly name: string;
  readonly doc: string;
  readonly spec: SupSpec;
  readonly events: readonly OracleEvent[];
  readonly trace: readonly Entry[];
}

export function recordedCases(): readonly Case[] {
  const folder = new URL("cases/", import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .toSorted()
    .map((file) => JSON.parse(readFileSync(new URL(file, folder), "utf8")) as Case);
}
