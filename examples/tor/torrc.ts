import type { Node } from "./nodes.ts";

/** A node as it is this time: with its folder, and its ports on 127.0.0.1, 0 for those it does not have. */
export interface Placed extends Node {
  readonly folder: string;
  /** For other relays. */
  readonly orPort: number;
  /** Of an authority: for votes, and for the consensus. */
  readonly dirPort: number;
  /** Of a client: for programs. */
  readonly socksPort: number;
  /** Of a client: to look inside. */
  readonly controlPort: number;
}

/** What everybody knows. */
export interface Common {
  /** A line for each authority. */
  readonly authorities: readonly string[];
  readonly resolvConf: string;
}

/**
 * The configuration of one node of a private test network. Nothing of it leaves the machine: all addresses are 127.0.0.1, also the
 * one that connections go out from, the authorities are ours alone, and nobody asks for names.
 */
export function torrc(node: Placed, { authorities, resolvConf }: Common, others: readonly Placed[]): string {
  const relays = node.role !== "client";
  return [
    ...everybody(node),
    ...authorities,
    ...(relays ? relay(node, resolvConf) : client(node, others)),
    ...(node.role === "authority" ? authority(node) : []),
    ...(node.role === "exit" ? exit : relays ? ["ExitPolicy reject *:*"] : []),
    ...(node.role === "lean" ? ["DirCache 0"] : []),
    "",
  ].join("\n");
}

const everybody = ({ name, folder }: Placed): readonly string[] => [
  "TestingTorNetwork 1",
  `Nickname ${name}`,
  `DataDirectory ${folder}`,
  "Log notice stdout",
  "RunAsDaemon 0",
  // Asked to end, it ends: there is nobody whose circuits it has to spare.
  "ShutdownWaitLength 0",
  "OutboundBindAddress 127.0.0.1",
  "PathsNeededToBuildCircuits 0.67",
  "NumCPUs 1",
];

const relay = ({ orPort }: Placed, resolvConf: string): readonly string[] => [
  "Address 127.0.0.1",
  `ORPort 127.0.0.1:${orPort} IPv4Only`,
  "AssumeReachable 1",
  "SocksPort 0",
  "ServerDNSDetectHijacking 0",
  "ServerDNSTestAddresses",
  "ServerDNSAllowBrokenConfig 1",
  `ServerDNSResolvConfFile ${resolvConf}`,
];

/** Votes every ten seconds, the first time after five; real ones take an hour. What is valid is so for two rounds. */
const authority = ({ dirPort }: Placed): readonly string[] => [
  `DirPort 127.0.0.1:${dirPort}`,
  "AuthoritativeDirectory 1",
  "V3AuthoritativeDirectory 1",
  "ContactInfo nobody@example.invalid",
  "TestingV3AuthInitialVotingInterval 5",
  "TestingV3AuthInitialVoteDelay 2",
  "TestingV3AuthInitialDistDelay 2",
  "V3AuthVotingInterval 10",
  "V3AuthVoteDelay 2",
  "V3AuthDistDelay 2",
  "V3AuthNIntervalsValid 2",
  // Everybody may be everything: there is no time to earn a flag.
  "TestingDirAuthVoteExit *",
  "TestingDirAuthVoteGuard *",
  "TestingDirAuthVoteHSDir *",
  "TestingMinExitFlagThreshold 0",
];

/**
 * Clients judge an exit by a summary of its policy, which says no unless nearly all of the internet is allowed. It is not reached all the
 * same: connections go out from 127.0.0.1.
 */
const exit: readonly string[] = [
  "ExitRelay 1",
  "ExitPolicyRejectPrivate 0",
  "ExitPolicy accept 127.0.0.0/8:*",
  "ExitPolicy accept *:*",
];

/** It would go through the authorities, too, and they are not what is on trial here. */
const client = ({ socksPort, controlPort }: Placed, others: readonly Placed[]): readonly string[] => [
  `SocksPort 127.0.0.1:${socksPort}`,
  `ControlPort 127.0.0.1:${controlPort}`,
  "CookieAuthentication 1",
  "ClientUseIPv6 0",
  `ExcludeNodes ${others.flatMap(({ name, role }) => (role === "authority" ? [name] : [])).join(",")}`,
];
