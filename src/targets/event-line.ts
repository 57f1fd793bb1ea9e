import { reasonText, type KernelEvent } from "../../kernel/index.ts";
import type { LogLine } from "./target.ts";

/** A kernel's event as a line for the log, with the facts beside the words. */
export function eventLine(event: KernelEvent): LogLine {
  switch (event.type) {
    case "crash": {
      const { type: _type, reason, actor, label, name, ...facts } = event;
      return {
        level: "error",
        text: `${label} crashed: ${reasonText(reason)}`,
        actor,
        label,
        // `name` is a word of the logger's own.
        details: { crash: reason, ...facts, ...(name === "" ? {} : { registeredName: name }) },
      };
    }
    case "dead-letter":
      return {
        level: "warn",
        text: `${event.count === 1 ? "a dead letter" : `${event.count} dead letters`} to ${event.to} (${event.why}): ${event.example}`,
        details: event,
      };
    case "unhandled":
      return {
        level: "warn",
        text: `${event.label} has no handler for "${event.message}"`,
        actor: event.actor,
        label: event.label,
      };
    case "supervisor":
      return {
        level: event.report === "shutdown" ? "error" : "warn",
        text: `${event.supervisor}: ${event.report} ${event.child} (${reasonText(event.reason)})`,
        details: event,
      };
    case "service":
      return {
        level: event.reason === "normal" ? "info" : "warn",
        text: `${event.step}${event.vm === 0 ? "" : ` vm ${event.vm}`}${event.reason === "normal" ? "" : ` (${reasonText(event.reason)})`}`,
        actor: event.service,
        label: event.label,
        details: event,
      };
  }
}
