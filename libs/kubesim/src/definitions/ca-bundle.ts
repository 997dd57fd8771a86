import { X509Certificate } from 'node:crypto';

const certificates = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/** What keeps a bundle of certificates (base64 of PEM) from being read, undefined when nothing does. */
export function bundleProblem(bundle: string): string | undefined {
  const found = Buffer.from(bundle, 'base64').toString('latin1').match(certificates) ?? [];
  if (found.length === 0) return 'unable to load root certificates: unable to parse bytes as PEM block';
  try {
    for (const certificate of found) new X509Certificate(certificate);
    return undefined;
  } catch {
    return 'unable to load root certificates: unable to parse certificates';
  }
}
