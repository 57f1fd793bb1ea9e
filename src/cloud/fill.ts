/** Texts of a role made into those of one VM: `{ordinal}`, `{ordinal+9000}`, `{role}`, `{name}` and `{epoch}`. */
import type { VmOrder } from "./cloud-host.ts";

const blanks = /\{(?:(ordinal)(?:\+(\d+))?|(role|name|epoch))\}/g;

export function fill(text: string, { role, ordinal, epoch }: VmOrder): string {
  const words = { role: role.name, name: `${role.name}/${ordinal}`, epoch: String(epoch) };
  return text.replaceAll(blanks, (_all, counts?: string, from = "0", word?: keyof typeof words) =>
    counts === undefined && word !== undefined ? words[word] : String(ordinal + Number(from)),
  );
}

/** Of arguments: texts at any depth; one that is a blank and nothing else becomes a number if it is one. */
export function fillAll(value: unknown, vm: VmOrder): unknown {
  if (typeof value === "string") {
    const filled = fill(value, vm);
    const alone = value.replace(blanks, "") === "" && filled !== value && filled !== "";
    return alone && Number.isFinite(Number(filled)) ? Number(filled) : filled;
  }
  if (Array.isArray(value)) return value.map((each) => fillAll(each, vm));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, fillAll(each, vm)]));
}
