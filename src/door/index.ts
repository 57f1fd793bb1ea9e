/** Front doors: `import { httpDoor } from "motes/door"`. What needs no network, the actor's side, may be used in any VM. */
export { answerApart, type HttpAnswer, type HttpParts } from "./answer-apart.ts";
export { httpDoor, type HttpDoorOptions, type HttpDoorProtocol } from "./http-door.ts";
export type { HttpLimits } from "./http-limits.ts";
export type {
  HttpExchange,
  HttpHead,
  HttpHeaders,
  HttpRequest,
  HttpResponse,
  HttpService,
} from "./http-protocol.ts";
export type { DoorAddress } from "./listener.ts";
export { bodyParts, wholeBody } from "./request-body.ts";
export { talkApart, type Talk } from "./talk-apart.ts";
export { tcpDoor, type TcpDoorOptions, type TcpDoorProtocol } from "./tcp-door.ts";
export type { Certified, DoorTls } from "./tls.ts";
export type { TcpLimits } from "./tcp-limits.ts";
export type { TcpConnection, TcpLink, TcpService } from "./tcp-protocol.ts";
