/** What an `elected` takes and answers. */
import type { Call, Cast, Ref } from "../../kernel/index.ts";
import type { LeaseNews } from "./lease-keeper.ts";

export interface ElectedStatus<in M> {
  /** `stopping`: the actor is on its way down, because it was asked to resign or its lease runs out. */
  readonly state: "candidate" | "leader" | "stopping";
  /** Of the present term. */
  readonly token: number | undefined;
  /** Where the actor is, if it is here. */
  readonly leader: Ref<M> | undefined;
  /** Who holds the lease, as far as is known: for people. */
  readonly holder: string | undefined;
  /** What is wrong with the store, as a code and a text. */
  readonly problem: string | undefined;
}

export type ElectedProtocol<M> =
  | Call<"status", [], ElectedStatus<M>>
  /** Stops the actor and lets others have the name, for a while at least. */
  | Cast<"resign", []>
  | Heard;

/** What it hears from its keeper and its own timer. */
export type Heard = LeaseNews | { readonly type: "lease_due" };
