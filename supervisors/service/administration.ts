import {
  addressOf,
  monitor,
  refTo,
  type CallMessage,
  type Ref,
  type ServiceEvent,
} from "../../kernel/index.ts";
import type { Crew } from "./crew.ts";
import type { Front } from "./front.ts";
import type { ReplaceRequest, ServiceStatus } from "./protocol.ts";
import { replaceAll } from "./replacement.ts";

/** Answers the calls that are for the service itself. */
export function administer(front: Front, crew: Crew, call: CallMessage, status: ServiceStatus): void {
  switch (call.op) {
    case "$status":
      return call.reply(status);
    case "$events":
      subscribe(front, call.args[0]);
      return call.reply(undefined);
    case "$replace":
      // Sound: `replace` made it.
      return front.tasks.run(replaceAll(front, crew, call.args[0] as ReplaceRequest, call));
    default:
      call.fail("unknown_op", call.op);
  }
}

function subscribe({ cell, events }: Front, given: unknown): void {
  // Sound: `serviceEvents` gives an address; a forged object leads to nobody.
  const subscriber = refTo<ServiceEvent>(addressOf(given as Ref<never>));
  events.subscribe(monitor(cell.kernel, cell, addressOf(subscriber)), subscriber);
}
