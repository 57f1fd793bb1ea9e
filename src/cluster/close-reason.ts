import { isReason, reasonText, type ExitReason } from "../../kernel/index.ts";
import type { CloseReason } from "../../transports/index.ts";

const ended = "vm_ended";
/** What a lane's close has room for, in characters. */
const textMax = 512;
const messageMax = 200;

/** Why a VM has ended, for those on other hosts that had to do with it. What is too long for it is told in fewer words. */
export function closeReasonOf(reason: ExitReason): CloseReason {
  const whole = JSON.stringify(reason);
  if (whole.length <= textMax) return { code: ended, text: whole };
  const { name = "Error", code } = typeof reason === "object" && reason.type === "crash" ? reason : {};
  const message = reasonText(reason).slice(0, messageMax);
  const short = {
    type: "crash",
    name: name.slice(0, 64),
    message,
    ...(code === undefined ? {} : { code: code.slice(0, 64) }),
  };
  return { code: ended, text: JSON.stringify(short) };
}

/** `noconnection` for whatever no VM's end was the cause of, or what the other host should not have written. */
export function exitReasonOf(reason: CloseReason | undefined): ExitReason {
  if (reason?.code !== ended) return "noconnection";
  try {
    const told: unknown = JSON.parse(reason.text);
    return isReason(told) ? told : "noconnection";
  } catch {
    return "noconnection";
  }
}
