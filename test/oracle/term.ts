import { shutdown, type Crash, type ExitReason } from "../../kernel/index.ts";

/** Exit reasons as the text of the Erlang terms that the recordings hold, and back. */

/** `{shutdown,X}` is ours too; every other term is a word. */
export function reasonOf(term: string): ExitReason {
  const detail = /^\{shutdown,(.*)\}$/.exec(term)?.[1];
  return detail === undefined ? term : shutdown(detail);
}

export function termOf(reason: ExitReason): string {
  if (typeof reason === "string") return reason;
  if (reason.type === "shutdown") return `{shutdown,${detailTerm(reason.detail)}}`;
  return reason.name === "MotesError" ? specErrorTerm(reason) : `{'EXIT',{${reason.message},stack}}`;
}

/** `{invalid_shutdown,-1}`, from our code and the value that was refused. */
export function refusalTerm(error: string, got: string): string {
  if (error !== "bad_combination") return `{${error},${got}}`;
  const pairs = got.split(", ").map((pair) => `{${snake(pair).replace(" ", ",")}}`);
  return `{bad_combination,[${pairs.join(",")}]}`;
}

function detailTerm(detail: unknown): string {
  if (typeof detail === "string") return detail;
  const { type, id, reason } = detail as { type: string; id: string; reason: ExitReason };
  return `{${type},${id},${termOf(reason)}}`;
}

function specErrorTerm({ code = "", message }: Crash): string {
  const got = /got (.*)\.$/.exec(message)?.[1] ?? /, and (.*) is there twice/.exec(message)?.[1] ?? "";
  switch (code) {
    case "INVALID_PERIOD":
      return `{supervisor_data,{invalid_period,${Number(got) / 1000}}}`;
    case "INVALID_STRATEGY":
    case "INVALID_INTENSITY":
    case "INVALID_AUTO_SHUTDOWN":
      return `{supervisor_data,${refusalTerm(code.toLowerCase(), got)}}`;
    default:
      return `{start_spec,${refusalTerm(code.toLowerCase(), got)}}`;
  }
}

const snake = (text: string): string => text.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
