import { defineCommand } from "citty";
import { srcError } from "../errors.ts";
import { openImage, type Opened } from "../image/open.ts";
import { checkOptions } from "./options.ts";

const args = {
  file: { type: "positional", description: "The image: a .mote file", required: false },
  json: { type: "boolean", description: "The manifest as JSON" },
  stack: { type: "boolean", description: "Show the stack of an error" },
} as const;

/** `motes describe app.mote`: what an image holds and may touch. Nothing of it is run. */
export const describe = defineCommand({
  meta: { name: "describe", description: "Show what an image holds and may touch" },
  args,
  async run({ args: { file, json }, rawArgs }) {
    checkOptions(rawArgs, args);
    if (file === undefined)
      throw srcError("MISSING_ARGUMENT", { what: "the image's file", usage: "motes describe app.mote" });
    const opened = await openImage(file);
    const { contents, bytes } = opened;
    const text = json === true ? JSON.stringify({ ...contents, bytes }, null, 2) : page(opened);
    process.stdout.write(`${text}\n`);
    return 0;
  },
});

function page({ contents, bytes, code }: Opened): string {
  const { name, version, entry, entries, devices, keys, targets, protocol, modules } = contents;
  const count = (value: number): string => value.toLocaleString("en");
  const rows: readonly (readonly [string, string])[] = [
    ["image", `${name} ${version}`],
    ["size", `${count(bytes)} bytes, of which code ${count(Buffer.byteLength(code))}`],
    [
      "boots",
      entries.length > 1
        ? `${entry} (also in it: ${entries.filter((other) => other !== entry).join(", ")})`
        : entry,
    ],
    ["devices", devices.join(", ") || "none"],
    ["targets", targets.join(", ")],
    ["protocol", protocol],
  ];
  const keyLines = Object.entries(keys).map(
    ([key, { type, value, doc }]) =>
      `  ${key}: ${type} = ${JSON.stringify(value)}${doc === undefined ? "" : `  (${doc})`}`,
  );
  const weighed = Object.entries(modules).map(([path, weight]) => `  ${count(weight).padStart(9)}  ${path}`);
  const lines = [
    ...rows.map(([what, value]) => `${what.padEnd(9)} ${value}`),
    keyLines.length === 0 ? "keys      none" : "keys",
    ...keyLines,
    "modules by weight, in characters",
    ...weighed,
  ];
  return lines.map(printable).join("\n");
}

/** What a stranger's file says must not move the cursor. */
const printable = (line: string): string => line.replace(/[\p{Cc}\p{Cf}]/gu, "?");
