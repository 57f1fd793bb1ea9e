import type { CloudEvent } from "../../cloud/event.ts";

/** One line for people; without the time. */
export function eventText(event: CloudEvent): string {
  switch (event.type) {
    case "declared":
      return `declared: ${event.vms} VMs`;
    case "host_up":
      return `host ${event.host} is there`;
    case "host_lost":
      return `host ${event.host} is lost, with ${event.vms} VMs`;
    case "crashed": {
      const again = event.waitMs > 0 ? `; again in ${seconds(event.waitMs)}` : "";
      return `${event.vm} has ended for the ${nth(event.crashes)} time: ${event.reason}${again}`;
    }
    case "degraded":
      return `${event.vm} is degraded, after ${event.crashes} ends in a row: ${event.reason}`;
    case "healed":
      return `${event.vm} is well again`;
    case "blocked":
      return event.why;
    case "unblocked":
      return `${event.role}: all VMs find a place again`;
    case "updating":
      return `${event.role}: ${event.vms} VMs are replaced`;
    case "updated":
      return `${event.role}: is replaced`;
    case "converged":
      return `converged: ${event.vms} VMs, after ${seconds(event.tookMs)}`;
    case "leading":
      return `${event.host} leads (term ${event.term})`;
    case "store_down":
      return "the store does not answer: hosts keep what they run";
    case "store_up":
      return `the store answers again, after ${seconds(event.awayMs)}`;
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function nth(n: number): string {
  const isTeen = n % 100 > 10 && n % 100 < 14;
  return `${n}${(isTeen ? undefined : ["th", "st", "nd", "rd"][n % 10]) ?? "th"}`;
}
