export { assert } from "./assert.ts";
export type { Carrier } from "./carrier.ts";
export { defineErrors, isMotesError, MotesError, type ErrorTable, type MakeError } from "./errors.ts";
export { crashOf, isOrderly, reasonText, shutdown, type Crash, type ExitReason, type Shutdown } from "./exit.ts";
export { limits } from "./limits.ts";
export { CastMessage, type Call, type Cast, type Message } from "./message.ts";
export { Address, addressOf, Home, refTo, sameRef, type Ref } from "./ref.ts";
export { control, type CallFailure, type ControlKind, type SignalSink } from "./signal.ts";
