/** What a guest tells its host, as one line of JSON, whatever a program has put into it. */
import type { ToHost } from "../protocol.ts";
import { asLine } from "./text-lines.ts";

const textMax = 10_000;

/** Never longer than the host takes: what is too long, or no data, is told without what may be left out. */
export const toHostLine = (message: ToHost): string => asLine(message) ?? asLine(shortened(message)) ?? "";

function shortened(message: ToHost): ToHost {
  if (message.type === "log") {
    const { level, text } = message.line;
    return { type: "log", line: { level, text: `${text.slice(0, textMax)} ... (cut)` } };
  }
  if (message.type === "halted" && typeof message.reason === "object" && message.reason.type === "shutdown")
    return { type: "halted", reason: { type: "shutdown", detail: "(cut)" } };
  return message;
}
