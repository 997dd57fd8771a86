/** A DNS label (RFC 1123), the grammar of cluster, application and strategy names. Safe in a NATS subject. */
export const namePattern = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** The name when it is a DNS label, undefined otherwise. Every name that enters Meridian passes here. */
export function parseName(text: unknown): string | undefined {
  return typeof text === 'string' && namePattern.test(text) ? text : undefined;
}
