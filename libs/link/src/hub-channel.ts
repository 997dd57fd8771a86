import { isIP } from 'node:net';
import { checkServerIdentity } from 'node:tls';
import type { PeerCertificate } from 'node:tls';
import { credentials as grpcCredentials } from '@grpc/grpc-js';
import type { ChannelCredentials, ChannelOptions } from '@grpc/grpc-js';
import type { Credentials } from './certificate-files.ts';
import { isHubIdentity } from './peer-identity.ts';

/** Who is trusted to sign hubs, and the pair that says who we are; without one, TLS proves the hub only. */
export type ChannelTrust = Pick<Credentials, 'ca'> & Partial<Credentials>;

/** A server name to ask for when the hub is named by its address: TLS forbids addresses there (RFC 6066 §3). */
const nameForAddresses = 'hub.meridian.internal';

/** TLS to the hub at `host:port`, which must have the certificate of a hub for that host. */
export function hubCredentials(url: string, { ca, key, cert }: ChannelTrust): ChannelCredentials {
  const host = hostOf(url);
  return grpcCredentials.createSsl(ca, key ?? null, cert ?? null, {
    checkServerIdentity: (_name, certificate) => checkHub(host, certificate),
  });
}

/**
 * As `hubCredentials`, made anew only when what they are made of has changed: to make a TLS context takes milliseconds, and a hub that
 * is away is tried often.
 */
export function rememberedHubCredentials(): typeof hubCredentials {
  const made = new Map<string, { readonly trust: ChannelTrust; readonly credentials: ChannelCredentials }>();
  return (url, trust) => {
    const known = made.get(url);
    if (known && isSame(known.trust, trust)) return known.credentials;
    const credentials = hubCredentials(url, trust);
    made.set(url, { trust, credentials });
    return credentials;
  };
}

function isSame(one: ChannelTrust, other: ChannelTrust): boolean {
  return (['ca', 'cert', 'key'] as const).every((part) => isSameBytes(one[part], other[part]));
}

function isSameBytes(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}

/** Options of a channel that is made for one try: waiting between tries is done by its maker. */
export function hubOptions(url: string): ChannelOptions {
  return {
    ...(isIP(hostOf(url)) === 0 ? {} : { 'grpc.ssl_target_name_override': nameForAddresses }),
    'grpc.max_receive_message_length': 64 * 1024,
    // Retries keep a copy of everything sent, which on a stream without an end is a leak.
    'grpc.enable_retries': 0,
    'grpc.enable_http_proxy': 0,
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 100,
  };
}

function hostOf(url: string): string {
  return url.slice(0, url.lastIndexOf(':')).replace(/^\[|\]$/g, '');
}

/** The host must fit, and the certificate must be a hub's: that of another agent, of the same authority, is not. */
function checkHub(host: string, certificate: PeerCertificate): Error | undefined {
  const mismatch = checkServerIdentity(host, certificate);
  if (mismatch) return mismatch;
  if (isHubIdentity(certificate.subjectaltname)) return undefined;
  return new Error(`${host} has a certificate that is not of a hub`);
}
