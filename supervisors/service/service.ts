import {
  defines,
  type Definition,
  type Ref,
  type Self,
  type ServiceEvent,
  type Wait,
} from "../../kernel/index.ts";
import { ServiceBehavior } from "./behavior.ts";
import { checkService } from "./check-service.ts";
import type { ServiceOptions } from "./options.ts";
import type { ServiceProtocol, ServiceStatus } from "./protocol.ts";

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

/** What a service is doing now. */
export function serviceStatus(self: Self<never>, ref: Ref<ServiceProtocol>): Wait<ServiceStatus> {
  return self.call(ref, "$status");
}

/** From now on each step of the service comes to this actor as a message of type `service`. */
export function serviceEvents(self: Self<ServiceEvent>, ref: Ref<ServiceProtocol>): Wait<void> {
  return self.call(ref, "$events", self.ref);
}
