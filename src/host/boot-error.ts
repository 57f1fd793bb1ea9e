import { MotesError, type ExitReason } from "../../kernel/index.ts";
import { srcError } from "../errors.ts";
import type { AnyImage } from "../image/image.ts";

/** Why a VM did not boot, as the error that its booter gets. */
export function bootError(image: AnyImage, name: string, reason: ExitReason): Error {
  const crash = typeof reason === "object" && reason.type === "crash" ? reason : undefined;
  if (crash?.code === "IMAGE_THROWS")
    return srcError("IMAGE_THROWS", { path: image.path, message: crash.message });
  if (crash?.code === "IMAGE_NOT_UNIKERNEL")
    return srcError("IMAGE_NOT_UNIKERNEL", { path: image.path, got: crash.message });
  if (crash?.name === "MotesError" && crash.code !== undefined && asItIs.includes(crash.code))
    return new MotesError(crash.code, crash.message, { vm: name });
  return srcError("VM_START_FAILED", { vm: name, reason });
}

const asItIs: readonly string[] = [
  "VM_UNDECLARED",
  "VM_BOOT_TIMEOUT",
  "TOO_MANY_VMS",
  "HOST_MEMORY",
  "UNKNOWN_TARGET",
  "TARGET_UNAVAILABLE",
  "TARGET_UNSUPPORTED",
  "HOST_UNREACHABLE",
  "HOST_NO_BOOTS",
  "DEVICE_NOT_GRANTED",
];
