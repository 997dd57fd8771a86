import { X509Certificate } from 'node:crypto';

const block = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** Every certificate in a text of PEM, in order. Throws what OpenSSL says of a block that is none. */
export function certificatesIn(text: string): readonly X509Certificate[] {
  return [...text.matchAll(block)].map(([found]) => new X509Certificate(found));
}
