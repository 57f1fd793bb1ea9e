import { crashOf } from "../../../kernel/index.ts";
import { asJson } from "./as-json.ts";
import type { Outside } from "./outside.ts";

/** What no actor has caught ends the VM. */
export const fatal =
  (outside: Outside) =>
  (problem: unknown): void =>
    outside.exit(asJson(crashOf(problem)));
