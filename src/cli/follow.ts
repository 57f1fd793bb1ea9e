import type { RunEnded } from "../control/operations.ts";
import type { Followed } from "../host/followers.ts";
import type { HostLog } from "../observe/log.ts";
import type { Asks } from "./named-host.ts";

/** Writes what a VM, and those that it boots, say; `follower` is what a host has answered to `follow`. Resolves when it has ended. */
export async function follow(ask: Asks, follower: unknown, log: HostLog): Promise<RunEnded> {
  for (;;) {
    // Sound: that is what `sharedOperations` answers.
    const { lines, dropped, ended } = (await ask("followed", [follower])) as Followed;
    for (const each of lines) log.line(each.vm, each.line);
    if (dropped > 0)
      log.line("motes", { level: "warn", text: `${dropped} lines came too fast, and are not here` });
    if (ended !== undefined) return ended;
  }
}
