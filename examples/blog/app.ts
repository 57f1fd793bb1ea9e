import { child, service, supervisor, unikernel, type ProtocolOf, type ScaleOptions } from "motes";
import { httpDoor } from "motes/door";
import { hostname, port } from "./app.keys.ts";
import { nightVm, pagesVm } from "./page.ts";
import { visits } from "./visits.ts";

/**
 * A blog whose pages are shown by VMs that are there when somebody reads them:
 *
 *     blog (this VM: the only one while nobody reads)
 *     |-- visits   counts
 *     |-- pages    a service: no VM, or up to four
 *     |     |-- VM: pages
 *     |     `-- ...
 *     `-- door     listens for HTTP and asks the service
 */
export interface BlogOptions {
  /** 0: any free port. */
  readonly port: number;
  readonly hostname: string;
  readonly vmsMax?: number;
  readonly scale?: ScaleOptions;
  /** The last VM ends when nobody has read anything for so long. */
  readonly idleMs?: number;
}

export const blog = supervisor(
  (_self, { port, hostname, vmsMax = 4, scale = { callsPerVm: 8 }, idleMs = 60_000 }: BlogOptions) => {
    const counter = child(visits, []);
    const vms = { min: 0, max: vmsMax };
    const pages = child(service({ entry: pagesVm, vms, scale, idleMs }), ({ refOf }) => [refOf(counter)]);
    const door = child(httpDoor, ({ refOf }) => [{ port, host: hostname, to: refOf(pages) }]);
    return { children: { visits: counter, pages, door } };
  },
  { label: "blog" },
);

export type Blog = ProtocolOf<typeof blog>;
export default unikernel({
  root: blog,
  args: [{ port, hostname }],
  vms: [pagesVm, nightVm],
  devices: ["listen"],
});
