import { defineErrors, type MakeError } from "../../kernel/index.ts";

/** Why a cloud is refused, and what stands in its way: code to text. Each code has a line in `docs/errors.md`. */
const table = {
  CLOUD_OPTION: (d: { what: string; expected: string; got: string }) =>
    `${d.what}: expected ${d.expected}, got ${d.got}.`,
  CLOUD_FILE: (d: { file: string; why: string }) =>
    `${d.file} declares no cloud: ${d.why}. It is a module that ends with: export default cloud({ name, roles })`,
  CLOUD_KEYS: (d: { file: string }) =>
    `${d.file} is sealed, and its keys with it. Give none, or name its source instead.`,
  CLOUD_STORE: (d: { where: string; why: string }) =>
    `the store of the cloud cannot be kept in ${d.where}: ${d.why}. It takes a server with JetStream, and a user who may use it.`,
  CLOUD_BUDGET: (d: { what: string; needed: number; allowed: number }) =>
    `the cloud needs ${d.needed} ${d.what}, and its budget allows ${d.allowed}: ${d.needed - d.allowed} too many. Ask for fewer or smaller VMs, or raise the budget.`,
};

export const cloudError: MakeError<typeof table> = defineErrors(table);
