/** A VM, as another one means it. */
export interface PeerVm {
  /** `""` for the own one. */
  readonly host: string;
  readonly vm: number;
}

/** The name of such a VM as a key. */
export const peerKey = ({ host, vm }: PeerVm): string => `${host}/${vm}`;
