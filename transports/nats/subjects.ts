/**
 * Where hosts speak to each other on NATS: `<prefix>.v1.<cluster>.<to>.<from>.<kind>.<id>`. Who it is for and who it is from stand in
 * the subject, so that a server's permissions bind a host's name: it may subscribe below its own, and publish as itself.
 */
import { linkError } from "../host-link/errors.ts";
import { isHostName } from "../host-link/hello.ts";

export interface Subject {
  readonly from: string;
  /** `hello` opens a link, `link` is one of it. */
  readonly kind: "hello" | "link";
  /** One end of one link: chosen by the one it leads to. */
  readonly id: string;
}

const idPattern = /^[0-9a-f]{16,32}$/;
const prefixPattern = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

export class Subjects {
  /** All that is meant for this host. */
  readonly inbound: string;
  private readonly root: string;
  private readonly own: string;

  /** Throws `LINK_OPTION`. */
  constructor(prefix: string, cluster: string, own: string) {
    if (!prefixPattern.test(prefix) || prefix.length > 128)
      throw linkError("LINK_OPTION", {
        option: "prefix",
        expected: "words of letters, digits, - and _ with dots between",
        got: prefix,
      });
    this.root = `${prefix}.v1.${cluster}`;
    this.own = own;
    this.inbound = `${this.root}.${own}.>`;
  }

  /** From here to that host. */
  to(host: string, kind: Subject["kind"], id: string): string {
    return `${this.root}.${host}.${this.own}.${kind}.${id}`;
  }

  /** From that host to here: what it is told to answer to. */
  back(host: string, id: string): string {
    return `${this.root}.${this.own}.${host}.link.${id}`;
  }

  /** Of a subject that leads here; undefined for what is none of ours. */
  read(subject: string): Subject | undefined {
    const start = `${this.root}.${this.own}.`;
    return subject.startsWith(start) ? subjectOf(subject.slice(start.length)) : undefined;
  }

  /** Of a subject that a peer wants to be spoken to at; undefined if it is not its own, or not for this host to use. */
  readReply(subject: string, peer: string): Subject | undefined {
    const start = `${this.root}.${peer}.`;
    const read = subject.startsWith(start) ? subjectOf(subject.slice(start.length)) : undefined;
    return read?.from === this.own && read.kind === "link" ? read : undefined;
  }
}

function subjectOf(rest: string): Subject | undefined {
  const [from = "", kind, id = "", ...more] = rest.split(".");
  if (more.length > 0 || !isHostName(from) || !idPattern.test(id)) return undefined;
  return kind === "hello" || kind === "link" ? { from, kind, id } : undefined;
}
