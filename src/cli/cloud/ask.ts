/** Commands that ask a host which runs a cloud: each answers with its exit status. */
import type { CloudEvent } from "../../cloud/event.ts";
import { cloudError } from "../../cloud/errors.ts";
import type { CloudStatus } from "../../cloud/status.ts";
import { askHost, chooseHost } from "../named-host.ts";
import { eventText } from "./event-text.ts";
import { wholeNumber } from "./number.ts";
import type { Ordered } from "./operations.ts";
import { statusPage } from "./status-page.ts";

export interface AskOptions {
  readonly host: string | undefined;
  readonly json: boolean;
  readonly timeoutMs: number;
}

const print = (value: unknown): void => {
  process.stdout.write(`${typeof value === "string" ? value : JSON.stringify(value, null, 2)}\n`);
};

/** 0 if it is as it should be. */
export async function status({ host, json }: AskOptions): Promise<number> {
  // Sound, here and below: that is what `cloudOperations` answers.
  const found = (await askHost(host, "cloud.status")) as CloudStatus;
  print(json ? found : statusPage(found));
  return found.converged ? 0 : 1;
}

/** `role=count`; waits until it is so. Throws `CLOUD_OPTION`. */
export async function scale(typed: string, { host, json, timeoutMs }: AskOptions): Promise<number> {
  const [, role, count] = /^([^=]+)=(.*)$/.exec(typed) ?? [];
  if (role === undefined)
    throw cloudError("CLOUD_OPTION", { what: "scale", expected: "role=count", got: JSON.stringify(typed) });
  const vms = wholeNumber(role, count, 0);
  return told((await askHost(host, "cloud.scale", [role, vms, timeoutMs])) as Ordered, json);
}

export function told({ converged, status: found }: Ordered, json: boolean): number {
  print(json ? found : statusPage(found));
  return converged ? 0 : 1;
}

/** Those that are remembered, and all that follow if it is asked to. */
export async function events(follow: boolean, { host, json }: AskOptions): Promise<number> {
  const show = (event: CloudEvent): void =>
    print(
      json ? JSON.stringify(event) : `${(event.atMs / 1000).toFixed(1).padStart(9)}  ${eventText(event)}`,
    );
  const { client, elsewhere, close } = await chooseHost(host);
  try {
    // What comes one by one comes from hosts of this machine only.
    const last = await (elsewhere === undefined
      ? client.ask("cloud.events", [follow], (event) => show(event as CloudEvent))
      : client.ask("elsewhere", [elsewhere, "cloud.events", [false]]));
    for (const event of (last ?? []) as readonly CloudEvent[]) show(event);
  } finally {
    close();
  }
  return 0;
}

export async function down({ host, json }: AskOptions): Promise<number> {
  const { cloud, roles } = (await askHost(host, "cloud.down")) as CloudStatus;
  const vms = roles.reduce((sum, { running }) => sum + running, 0);
  print(json ? { cloud, vms } : `${cloud} goes down, with ${vms} VMs`);
  return 0;
}
