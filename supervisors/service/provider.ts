import {
  isMotesError,
  type BootRequest,
  type BootResult,
  type Call,
  type ExitReason,
  type Name,
} from "../../kernel/index.ts";
import type { Task } from "../start-child.ts";
import type { Front } from "./front.ts";

/**
 * Room elsewhere: an actor, found by its name in the service's VM, that boots VMs as a host does when the own host can boot no
 * more. What it boots must end when the one who asked does.
 */
export type ProviderProtocol = Call<"boot", [request: BootRequest], BootResult>;

export type ProviderName = Name<ProviderProtocol>;

/** What a host says that can boot no more. */
export const isOutOfRoom = (reason: ExitReason): boolean =>
  typeof reason === "object" && reason.type === "crash" && roomCodes.includes(reason.code ?? "");

const roomCodes: readonly string[] = ["TOO_MANY_VMS", "HOST_MEMORY", "VMS_EXHAUSTED"];

/** Undefined: there is no provider. */
export function* askProvider(front: Front, request: BootRequest): Task<BootResult | undefined> {
  const { self, options } = front;
  const provider = options.provider === undefined ? undefined : self.whereis(options.provider);
  if (provider === undefined) return undefined;
  try {
    const result = yield* self.callWithin(Infinity, provider, "boot", request);
    if (result.type === "booted") self.link(result.root);
    return result;
  } catch (thrown) {
    if (!isMotesError(thrown)) throw thrown;
    return undefined;
  }
}
