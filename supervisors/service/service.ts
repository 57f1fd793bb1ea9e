import {
  defines,
  type Addressed,
  type AnyUnikernel,
  type BootOptions,
  type Definition,
  type Ref,
  type Self,
  type ServiceEvent,
  type Wait,
} from "../../kernel/index.ts";
import { ServiceBehavior } from "./behavior.ts";
import { checkService } from "./check-service.ts";
import type { ServiceOptions } from "./options.ts";
import type { ReplaceResult, ServiceProtocol, ServiceStatus } from "./protocol.ts";

/**
 * A stable address in front of VMs that come and go: a child of any supervisor, whose arguments are those of the roots behind
 * it. What is sent to it is passed on to one of them; calls are answered by them. Links and monitors are with the service, which
 * ends when its supervisor says so or when too many of its VMs have died. Throws `INVALID_SERVICE`.
 *
 * @example
 * const shop = service({ entry: shopVm, vms: { min: 1, max: 8 } });
 * const tree = supervisor({ children: { shop: child(shop, [catalogue]) } });
 */
export function service<A extends readonly unknown[], M>(
  options: ServiceOptions<A, M>,
): Definition<A, M | ServiceProtocol, object> {
  return defines(new ServiceBehavior(checkService({ ...options })));
}

/** Any actor's `self`. */
type Asking = Pick<Self<never>, "call" | "callWithin">;

export interface ReplaceOptions {
  /** What the new VMs run. Default: what the present ones run. */
  readonly entry?: AnyUnikernel;
  /** The name of another image of the host, whose entry of that name it is. Default: the image that the service is in. */
  readonly image?: string;
  /** Also if the new program lacks operations of the present one, or would not take its state over. Default: false. */
  readonly force?: boolean;
  /**
   * For a service of more than one VM: how long, in ms, each new VM is watched before the next one is replaced, and how many
   * failed calls and deaths of new VMs are allowed; one more rolls all of them back. Default: 1000, 0.
   */
  readonly observeMs?: number;
  readonly failuresMax?: number;
}

/**
 * Replaces the VMs of a service, one at a time: the new one boots beside the old, says that it is well, takes the state over, and
 * has all messages from then on, in their order. If anything of that fails the old one goes on as if nothing had happened, and
 * the answer says what it was (`error` has a `REPLACE_` code): it never throws for that.
 *
 * @example
 * const report = yield* replace(self, shop, { image: "shop-2" });
 */
export function replace(
  self: Asking,
  ref: Ref<ServiceProtocol>,
  options: ReplaceOptions = {},
): Wait<ReplaceResult> {
  const { entry, image, force = false, observeMs, failuresMax = 0 } = options;
  const boot: BootOptions = { ...entry?.options, ...(image === undefined ? {} : { image }) };
  const request = { entry: entry?.name, options: boot, force, observeMs, failuresMax };
  return self.callWithin(Infinity, ref, "$replace", request);
}

/** What a service is doing now. */
export function serviceStatus(self: Asking, ref: Ref<ServiceProtocol>): Wait<ServiceStatus> {
  return self.call(ref, "$status");
}

/** From now on each step of the service comes to this actor as a message of type `service`. */
export function serviceEvents(self: Asking & Addressed<ServiceEvent>, ref: Ref<ServiceProtocol>): Wait<void> {
  return self.call(ref, "$events", self.ref);
}
