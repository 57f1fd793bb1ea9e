/**
 * `cloud` and what its roles run: the declaration of a cloud, checked whole before anything is done with it, also for callers without
 * types. It reads no file and knows no host.
 */
import { applyDefaults } from "./check-role.ts";
import { check, checkKeys, count, textOf } from "./check.ts";
import {
  type Budget,
  type Cloud,
  type CloudOptions,
  type CommandProgram,
  type CommandReady,
  type ImageProgram,
  type KeyValues,
  type Role,
  type RoleOptions,
  unbounded,
} from "./declaration.ts";
import { cloudError } from "./errors.ts";

/**
 * Declares a cloud: what a cloud's file exports as its default. Throws `CLOUD_OPTION`, and `CLOUD_BUDGET` if its own budget cannot hold it.
 *
 * @example
 * export default cloud({ name: "dust", roles: { mote: { run: image("./mote.ts"), count: 1000, targets: ["wasm"] } } });
 */
export function cloud<const Name extends string>(options: CloudOptions<Name>): Cloud {
  check("cloud", typeof options === "object" && options !== null, "an object", options);
  checkKeys("cloud", options, ["name", "roles", "budget"]);
  const { name, roles, budget = {} } = options;
  check("cloud.name", isName(name), "1 to 63 letters, digits and -", name);
  check("cloud.roles", typeof roles === "object" && roles !== null, "an object", roles);
  const named = Object.entries<RoleOptions>(roles);
  check("cloud.roles", named.length > 0 && named.length <= rolesMax, `1 to ${rolesMax} roles`, named.length);
  const names = named.map(([each]) => each);
  for (const each of names) check("cloud.roles", isName(each), "names of letters, digits and -", each);
  const checked = named.map(([each, role]) => applyDefaults(each, role, names));
  return { motesCloud: 1, name, roles: checked, budget: checkBudget(budget, checked) };
}

const rolesMax = 64;

/** The same cloud with another number of VMs in one role. Throws `CLOUD_OPTION`, `CLOUD_BUDGET`. */
export function scaled(declared: Cloud, role: string, vms: number): Cloud {
  const known = declared.roles.map(({ name }) => name);
  check("role", known.includes(role), known.join(", "), role);
  count(`${role}.count`, vms, 0);
  const roles = declared.roles.map((each) => (each.name === role ? { ...each, count: vms } : each));
  return { ...declared, roles, budget: checkBudget(declared.budget, roles) };
}

/**
 * A program for VMs. Name the module of its keys to have them checked: `image<typeof import("./mote.keys.ts")>("./mote.ts", { keys })`.
 * In `args`, `{ordinal}`, `{role}`, `{name}` and `{epoch}` are filled in for each VM, `{ordinal+9000}` counts from 9000, and
 * a text that is nothing else becomes a number where it is one.
 */
export function image<Keys = KeyValues>(
  file: string,
  options: { readonly keys?: Partial<Keys>; readonly args?: readonly unknown[] } = {},
): ImageProgram {
  check("image", typeof file === "string" && file !== "", "the path of a program", file);
  checkKeys("image", options, ["keys", "args"]);
  const { keys = {}, args = [] } = options;
  check("image.args", Array.isArray(args), "a list", args);
  for (const [key, value] of Object.entries(keys))
    check(`image.keys.${key}`, isKeyValue(value), "a number, a text or a boolean", value);
  // Sound: looked at above.
  return { type: "image", file, keys: keys as KeyValues, args };
}

/** A process of the operating system. Texts are filled in as in `image`. Options mean what they mean for a port (`motes/port`). */
export function command(
  options: Partial<Omit<CommandProgram, "type">> & { readonly command: string },
): CommandProgram {
  const known = "command args env cwd ready readyTimeoutMs stopSignal stopMs limits".split(" ");
  checkKeys("command", options, known);
  const { command: path, args = [], env = {}, cwd = "/", ready = "started", limits = {} } = options;
  check("command.command", typeof path === "string" && path !== "", "a path or name of a program", path);
  check("command.args", Array.isArray(args) && args.every((arg) => typeof arg === "string"), "texts", args);
  check("command.cwd", typeof cwd === "string" && cwd.startsWith("/"), "an absolute path", cwd);
  checkReady(ready);
  return {
    type: "command",
    command: path,
    args,
    env,
    cwd,
    ready,
    readyTimeoutMs: count("command.readyTimeoutMs", options.readyTimeoutMs ?? 10_000, 1),
    stopSignal: options.stopSignal ?? "SIGTERM",
    stopMs: count("command.stopMs", options.stopMs ?? 2000, 0),
    limits,
  };
}

function checkReady(ready: CommandReady): void {
  const ok =
    ready === "started" ||
    (typeof ready === "object" &&
      ready !== null &&
      ("line" in ready ? typeof ready.line === "string" : "tcp" in ready));
  check("command.ready", ok, `"started", { line } or { tcp }`, ready);
}

function checkBudget(budget: Budget, roles: readonly Role[]): Required<Budget> {
  check("cloud.budget", typeof budget === "object" && budget !== null, "an object", budget);
  checkKeys("cloud.budget", budget, ["vms", "memoryMb", "moneyPerHour"]);
  for (const [what, value] of Object.entries(budget))
    check(`cloud.budget.${what}`, typeof value === "number" && value >= 0, "a number, 0 or more", value);
  const { vms = unbounded, memoryMb = unbounded, moneyPerHour = unbounded } = budget;
  const needed = {
    vms: sum(roles.map((role) => role.count)),
    memoryMb: sum(roles.map((role) => role.count * role.memoryMb)),
  };
  if (needed.vms > vms) throw cloudError("CLOUD_BUDGET", { what: "VMs", needed: needed.vms, allowed: vms });
  if (needed.memoryMb > memoryMb)
    throw cloudError("CLOUD_BUDGET", { what: "MiB", needed: needed.memoryMb, allowed: memoryMb });
  return { vms, memoryMb, moneyPerHour };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

const isName = (value: unknown): value is string =>
  typeof value === "string" && /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/.test(value);

const isKeyValue = (value: unknown): boolean => ["number", "string", "boolean"].includes(typeof value);

/** What a file has exported, if it is a cloud. Throws `CLOUD_OPTION`. */
export function asCloud(value: unknown, path: string): Cloud {
  const is = typeof value === "object" && value !== null && "motesCloud" in value;
  if (!is)
    throw cloudError("CLOUD_OPTION", {
      what: `the default export of ${path}`,
      expected: "a cloud: export default cloud({ name, roles })",
      got: textOf(value),
    });
  // Sound: only `cloud` makes one.
  return value as Cloud;
}
