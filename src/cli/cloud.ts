import { defineCommand } from "citty";
import { srcError } from "../errors.ts";
import { wholeNumber } from "./cloud/number.ts";
import { placeOptions } from "./cloud/place.ts";
import { hostArg } from "./named-host.ts";
import { natsArgs, natsServerOf, type Typed } from "./nats-options.ts";
import { checkOptions } from "./options.ts";
import { valuesOf } from "./repeated-option.ts";

const actions = ["plan", "up", "join", "status", "scale", "events", "down", "simulate"];

const args = {
  action: { type: "positional", description: actions.join(", "), required: false },
  file: {
    type: "positional",
    description: "plan, up, simulate: the cloud's file. join: its name. scale: role=count",
    required: false,
  },
  host: hostArg,
  timeout: { type: "string", description: "up, scale: seconds to wait until it is so. Default: 60" },
  follow: { type: "boolean", description: "events: go on with those that come" },
  region: { type: "string", description: "plan, up: this machine's region. Default: local" },
  label: { type: "string", description: "plan, up: labels of this machine: --label disk=ssd,rack=a" },
  memory: { type: "string", description: "plan, up: MiB for all VMs. Default: what the machine has" },
  price: {
    type: "string",
    description: "plan, up, join: what this machine costs per hour, for budget.moneyPerHour. Default: 0",
  },
  ...natsArgs,
  name: {
    type: "string",
    description: "up, join: this host's name in a cloud of many. Default: the machine's",
  },
  peer: {
    type: "string",
    description: "up, join: another host of it, for VMs that talk: --peer b. May be given more than once",
  },
  hosts: { type: "string", description: "simulate: how many hosts. Default: 10" },
  vms: {
    type: "string",
    description: "simulate: VMs in all; roles grow or shrink alike. Default: as declared",
  },
  seed: { type: "string", description: "simulate: what decides all that is left to chance. Default: 1" },
  json: { type: "boolean", description: "The answer as JSON; of up and events, a line each" },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

const usage = "motes cloud up cloud.ts";
const joinUsage = "motes cloud join my-cloud --nats nats://10.0.0.9:4222 --name b";

/** `motes cloud <action>`: a set of VMs that is kept true. The exit status is 0 if it is as it should be. */
export const cloud = defineCommand({
  meta: { name: "cloud", description: "Keep a declared set of VMs true, or try it out" },
  args,
  async run({ args: given, rawArgs }) {
    checkOptions(rawArgs, args);
    const { action, file: what, host, hosts, vms, seed } = given;
    const json = given.json === true;
    const timeoutMs = 1000 * (wholeNumber("--timeout", given.timeout, 0) ?? 60);
    const asked = { host, json, timeoutMs };
    // Each loads what it needs: who asks a cloud how it is does not wait for all that keeps one up.
    const { down, events, scale, status } = await import("./cloud/ask.ts");
    if (action === "status") return status(asked);
    if (action === "events") return events(given.follow === true, asked);
    if (action === "down") return down(asked);
    if (action === undefined) throw srcError("MISSING_ARGUMENT", { what: "what to do", usage });
    if (what === undefined)
      throw srcError("MISSING_ARGUMENT", {
        what: action === "scale" ? "the role and its count" : "the cloud's file",
        usage: action === "scale" ? "motes cloud scale mote=500" : usage,
      });
    if (action === "scale") return scale(what, asked);
    if (action === "simulate")
      return (await import("./cloud/simulate.ts")).simulate({ file: what, hosts, vms, seed, json });
    const place = placeOptions(given.region, given.label, given.memory, given.price);
    if (action === "plan") return (await import("./cloud/plan.ts")).plan({ ...place, file: what, json });
    const nats = await natsServerOf(given as Typed);
    const name = given.name === undefined ? {} : { name: given.name };
    const kept = { ...place, ...name, json, timeoutMs, nats, peers: valuesOf(rawArgs, "--peer") };
    const { keepUp, up } = await import("./cloud/up.ts");
    if (action === "up") return up({ ...kept, file: what });
    if (action === "join") {
      if (nats === undefined || given.name === undefined)
        throw srcError("MISSING_ARGUMENT", { what: "--nats and --name", usage: joinUsage });
      return keepUp(what, kept, () => Promise.resolve());
    }
    throw srcError("UNKNOWN_COMMAND", {
      command: `cloud ${action}`,
      known: actions.map((each) => `cloud ${each}`),
    });
  },
});
