/** `motes cloud up cloud.ts`: a cloud on this machine, kept true in the foreground until Ctrl-C or `motes cloud down`. */
import { dirname, resolve } from "node:path";
import { loadCloud } from "../../cloud/local/load.ts";
import { LocalCloud } from "../../cloud/local/local-cloud.ts";
import { localInfo, type LocalHostOptions, localVmsMax } from "../../cloud/local/local-host.ts";
import { hostOperations } from "../../control/operations.ts";
import { controlFolder } from "../../control/place.ts";
import { ControlServer } from "../../control/server.ts";
import { createHost } from "../../host/host.ts";
import type { HostLog } from "../../observe/log.ts";
import { textOf } from "../../cloud/shared/json.ts";
import { natsCloudStore } from "../../cloud/shared/nats-store.ts";
import type { NatsServerOptions } from "../../../transports/index.ts";
import { onInterrupt } from "../session.ts";
import { told } from "./ask.ts";
import { eventText } from "./event-text.ts";
import type { Ordered } from "./operations.ts";
import { cloudOperations } from "./operations.ts";
import { askRunning } from "./running-cloud.ts";
import { Screen } from "./screen.ts";
import { rolesTable } from "./status-page.ts";

export interface KeepOptions extends LocalHostOptions {
  readonly json: boolean;
  readonly timeoutMs: number;
  /** The server with the cloud's store, of a cloud of many hosts. */
  readonly nats: NatsServerOptions | undefined;
  /** Other hosts whose VMs may talk with those of this one. */
  readonly peers: readonly string[];
}

export interface UpOptions extends KeepOptions {
  readonly file: string;
}

const redrawMs = 250;

/** In a cloud of many hosts each has a name. Of one that is the only one: undefined, unless it was given one. */
const hostName = ({ nats, ...local }: KeepOptions): string | undefined =>
  nats === undefined ? local.name : localInfo(local).name;

/** The exit status: 0 if the cloud was as it should be when it was told to end, 1 if it was not. */
export async function up(options: UpOptions): Promise<number> {
  const folder = dirname(resolve(options.file));
  const cloud = await loadCloud(options.file);
  const { json, timeoutMs } = options;
  const changed = await askRunning(cloud.name, hostName(options), "cloud.declare", [
    textOf(cloud),
    folder,
    timeoutMs,
  ]);
  // Sound: that is what `cloudOperations` answers.
  if (changed !== undefined) return told(changed as Ordered, json);
  return keepUp(cloud.name, options, (kept) => kept.declare(cloud, folder));
}

/** Runs this host's part; `declare`: once it is there. The exit status: 0 if the cloud was as it should be, as far as this host knows. */
export async function keepUp(
  cloud: string,
  options: KeepOptions,
  declare: (kept: LocalCloud) => Promise<void>,
): Promise<number> {
  const screen = new Screen(process.stdout);
  const { json, timeoutMs, nats, peers, ...local } = options;
  const name = hostName(options);
  const shared = nats === undefined ? undefined : await natsCloudStore({ server: nats, cloud });
  const host = createHost({ log: logTo(screen, json), vmsMax: localVmsMax });
  const kept = new LocalCloud({
    ...local,
    host,
    shared,
    onEvent: (event) => screen.line(json ? JSON.stringify(event) : eventText(event)),
  });
  let goDown = (): void => {};
  const asked = new Promise<"down">((down) => {
    goDown = () => down("down");
  });
  const operations = { ...hostOperations(host, name ?? cloud, cloud), ...cloudOperations(kept, goDown) };
  let control: ControlServer | undefined;
  const interrupted = onInterrupt();
  const redraw = setInterval(() => screen.draw(() => rolesTable(kept.status().roles)), redrawMs);
  try {
    control = await ControlServer.open(controlFolder(process.env), operations);
    // Its VMs and those of the others talk over the same server.
    if (nats !== undefined && name !== undefined)
      await host.join({ name, cluster: cloud, nats: { ...nats, peers } });
    await declare(kept);
    const why = await Promise.race([asked, interrupted.promise]);
    const { converged } = kept.status();
    if (why === "down" && shared !== undefined) {
      await kept.empty();
      await Promise.race([kept.settled(timeoutMs), interrupted.promise]);
    }
    return converged ? 0 : 1;
  } finally {
    clearInterval(redraw);
    interrupted.stop();
    kept.close();
    await host.stop();
    await shared?.close();
    await control?.close();
  }
}

/** What VMs say, each line with its VM's name. */
const logTo = (screen: Screen, json: boolean): HostLog => ({
  line: (vm, { level, text }) =>
    screen.line(json ? JSON.stringify({ type: "log", vm, level, text }) : `${vm} | ${text}`),
});
