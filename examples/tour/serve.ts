import { isOrderly, reasonText } from "motes";
import { entryText, Journal } from "./journal.ts";
import { bold, dim, say } from "./print.ts";
import { hostname, startService } from "./service.ts";

/** `npm start -- --serve`: the service until Ctrl-C. True if it ended because it was asked to. A second Ctrl-C ends it at once. */
export async function serve(port: number): Promise<boolean> {
  const service = await startService(new Journal((entry) => say(dim(entryText(entry)))), port);
  const { host, vm } = service;
  const origin = `http://${hostname}:${service.port}`;
  say(`${bold(`serving on ${origin}/`)} until Ctrl-C`);
  say(`  curl -X PUT --data-binary hello ${origin}/kv/greeting`);
  say(`  curl ${origin}/kv/greeting`);
  const reason = await Promise.race([vm.ended, interrupted()]);
  if (reason === undefined) say("\nstopping");
  await host.stop();
  if (reason !== undefined) say(`the service ended: ${reasonText(reason)}`);
  else say(`stopped: ${host.holds.vms} VMs left`);
  return reason === undefined || isOrderly(reason);
}

async function interrupted(): Promise<undefined> {
  return new Promise((resolve) => {
    const listener = (): void => {
      process.off("SIGINT", listener);
      process.off("SIGTERM", listener);
      resolve(undefined);
    };
    process.on("SIGINT", listener);
    process.on("SIGTERM", listener);
  });
}
