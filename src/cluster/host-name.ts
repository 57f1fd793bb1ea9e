/**
 * What a host is called in addresses: its name and which of its lives, as `name~life`. A host that was restarted is another one, so
 * that nothing meant for the old one reaches it.
 */
export const fullName = (name: string, incarnation: string): string => `${name}~${incarnation}`;
