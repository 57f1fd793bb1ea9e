/**
 * Certificates for a cluster: one authority, and one certificate a host, which binds the host's name. X.509 version 3 on P-256 with
 * SHA-256 (RFC 5280). Keys and signatures are OpenSSL's, by Node; only the certificate's form is written here.
 */
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  X509Certificate,
} from "node:crypto";
import { bits, integer, objectId, octets, sequence, setOf, tagged, time, truth, utf8 } from "./der.ts";

/** PEM texts. The key is not encrypted: its file must be its owner's alone. */
export interface CertifiedKey {
  readonly cert: string;
  readonly key: string;
}

export interface Validity {
  readonly days: number;
  /** Default: now. It counts from an hour earlier, for hosts whose clocks are slow. */
  readonly from?: Date;
}

const dayMs = 24 * 60 * 60 * 1000;
const clockSlackMs = 60 * 60 * 1000;
const ecdsaWithSha256 = sequence(objectId("1.2.840.10045.4.3.2"));
const oid = {
  commonName: "2.5.4.3",
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  authorityKeyId: "2.5.29.35",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

/** An authority that trusts itself, and may issue for hosts and for no further authority. */
export function makeAuthority(cluster: string, validity: Validity): CertifiedKey {
  const { privateKey, publicKey } = newKeys();
  const name = nameOf(`motes cluster ${cluster}`);
  const id = keyId(publicKey);
  const extensions = [
    extension(oid.basicConstraints, true, sequence(truth, integer(Buffer.of(0)))),
    // keyCertSign, cRLSign.
    extension(oid.keyUsage, true, bits(Buffer.of(0b0000_0110), 1)),
    extension(oid.subjectKeyId, false, octets(id)),
  ];
  return certify({
    issuer: name,
    subject: name,
    publicKey,
    extensions,
    validity,
    signer: privateKey,
    key: privateKey,
  });
}

/** For the host of this name. The authority's text must be of `makeAuthority`. */
export function issueHost(authority: CertifiedKey, name: string, validity: Validity): CertifiedKey {
  const signer = createPrivateKey(authority.key);
  const { privateKey, publicKey } = newKeys();
  const issuer = new X509Certificate(authority.cert);
  const extensions = [
    extension(oid.basicConstraints, true, sequence()),
    // digitalSignature.
    extension(oid.keyUsage, true, bits(Buffer.of(0b1000_0000), 7)),
    extension(oid.extendedKeyUsage, false, sequence(objectId(oid.serverAuth), objectId(oid.clientAuth))),
    // dNSName is [2].
    extension(oid.subjectAltName, false, sequence(tagged(0x82, Buffer.from(name, "latin1")))),
    extension(oid.subjectKeyId, false, octets(keyId(publicKey))),
    extension(oid.authorityKeyId, false, sequence(tagged(0x80, keyId(issuer.publicKey)))),
  ];
  return certify({
    issuer: nameOf(commonNameOf(issuer.subject)),
    subject: nameOf(name),
    publicKey,
    extensions,
    validity,
    signer,
    key: privateKey,
  });
}

/** Why this cannot issue anything; undefined if it can. */
export function unfitAuthority({ cert, key }: CertifiedKey, now: Date = new Date()): string | undefined {
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.ca) return "its certificate is not an authority's";
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      return "its key does not belong to its certificate";
    if (new Date(certificate.validTo) < now) return `it has expired on ${certificate.validTo}`;
    return undefined;
  } catch (problem) {
    return problem instanceof Error ? problem.message : String(problem);
  }
}

interface Certification {
  readonly issuer: Uint8Array;
  readonly subject: Uint8Array;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Uint8Array[];
  readonly validity: Validity;
  readonly signer: KeyObject;
  readonly key: KeyObject;
}

function certify(given: Certification): CertifiedKey {
  const { issuer, subject, publicKey, extensions, signer, key } = given;
  const { days, from = new Date() } = given.validity;
  const start = new Date(from.getTime() - clockSlackMs);
  const end = new Date(from.getTime() + days * dayMs);
  const serial = randomBytes(16);
  // Positive, and never 0.
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40;
  const body = sequence(
    tagged(0xa0, integer(Buffer.of(2))),
    integer(serial),
    ecdsaWithSha256,
    issuer,
    sequence(time(start), time(end)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...extensions)),
  );
  const certificate = sequence(body, ecdsaWithSha256, bits(sign("sha256", body, signer)));
  return {
    cert: pemOf(certificate),
    key: key.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

const newKeys = (): { privateKey: KeyObject; publicKey: KeyObject } =>
  generateKeyPairSync("ec", { namedCurve: "P-256" });

const nameOf = (commonName: string): Buffer =>
  sequence(setOf(sequence(objectId(oid.commonName), utf8(commonName))));

const commonNameOf = (subject: string): string => /^CN=(.*)$/m.exec(subject)?.[1] ?? "";

const extension = (id: string, critical: boolean, value: Uint8Array): Buffer =>
  critical ? sequence(objectId(id), truth, octets(value)) : sequence(objectId(id), octets(value));

/** The same for the same key, and for nothing else: what finds the issuer among those of one name. */
const keyId = (key: KeyObject): Buffer =>
  createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest()
    .subarray(0, 20);

function pemOf(der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
