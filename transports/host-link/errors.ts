/** What a link between hosts can say against its options, its network or its peer. Lanes and programs never throw these: a link ends with one. */
import { defineErrors, type MakeError } from "../../kernel/index.ts";

const table = {
  LINK_OPTION: (d: { option: string; expected: string; got: string }) =>
    `${d.option} must be ${d.expected}, got ${d.got}.`,
  LINK_UNREACHABLE: (d: { where: string; why: string }) =>
    `${d.where} cannot be reached: ${d.why}. Does the other host listen there, and does the way to it?`,
  LINK_PLAIN: (d: { where: string }) =>
    `without TLS a link stays on this machine, and ${d.where} is another one. Make certificates with motes cert, or say that this network may be trusted with plain: "anywhere".`,
  LINK_TLS: (d: { why: string; detail: string }) =>
    `there is no trusted TLS with the other host: ${d.why} (${d.detail}). Issue its certificate with the cluster's own authority: motes cert issue.`,
  LINK_NATS: (d: { why: string }) =>
    `NATS does not let this host do what it needs: ${d.why}. Look at this user's permissions: docs/hosts.md says which it needs.`,
  LINK_HELLO_TIMEOUT: (d: { timeoutMs: number }) =>
    `nothing like a hello came within ${d.timeoutMs} ms of connecting. Is it a host of motes that listens there?`,
  LINK_FOREIGN: (_d: object) =>
    "the first bytes are not those of a host of motes. Something else speaks to this port, or listens there.",
  LINK_VERSION: (d: { expected: number; got: number }) =>
    `the other host speaks version ${d.got} of the protocol between hosts, this one ${d.expected}. Run the same release of motes on both.`,
  LINK_CLUSTER: (d: { expected: string; got: string }) =>
    `the other host belongs to the cluster "${d.got}", this one to "${d.expected}".`,
  LINK_UNEXPECTED: (d: { expected: string; got: string }) =>
    `expected the host ${d.expected}, and ${d.got} answers there. Mend the address book.`,
  LINK_SELF: (d: { name: string }) =>
    `the other end is named ${d.name} as well: this host has reached itself, or two hosts share a name.`,
  LINK_REFUSED: (d: { code: string; text: string }) => `the host refused the link: ${d.code}: ${d.text}`,
  LINK_CROWDED: (d: { most: number }) =>
    `${d.most} connections wait for their hello already, which is the most: this one was closed.`,
  LINK_CORRUPT: (d: { what: string }) =>
    `what came from the other host is not as the protocol says: ${d.what}. The link is closed.`,
  LINK_DAMAGED: (d: { packet: number }) =>
    `packet ${d.packet} from the other host does not match its checksum: it was damaged on the way. The link is closed.`,
  LINK_GAP: (d: { expected: number; got: number }) =>
    `packet ${d.got} came from the other host where ${d.expected} was due: some were lost on the way. The link is closed.`,
  LINK_SILENT: (d: { silentMs: number; detectMs: number }) =>
    `nothing came from the other host for ${d.silentMs} ms, and after ${d.detectMs} ms it counts as lost.`,
  LINK_LOST: (d: { why: string }) => `the connection to the other host has ended without a word: ${d.why}.`,
  LINK_CLOSED: (d: { by: "us" | "peer"; code: string; text: string }) =>
    `the link was closed by ${d.by === "us" ? "this host" : "the other host"}: ${d.code}: ${d.text}`,
  LINK_DOWN: (d: { state: string }) =>
    `this link is ${d.state}, and lanes are opened on one that is up. Wait for its event.`,
  LANE_TAKEN: (d: { localVm: number; remoteVm: number }) =>
    `there is a lane between VM ${d.localVm} here and VM ${d.remoteVm} there already. Close it first.`,
  LANES_FULL: (d: { lanes: number; bytesMax: number }) =>
    `${d.lanes} lanes use up the ${d.bytesMax} bytes that this link may hold. Close some, or give it more with receiveBytesMax.`,
};

export const linkError: MakeError<typeof table> = defineErrors(table);
