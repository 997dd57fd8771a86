import { assignmentPayloadType } from '@meridian/fleet';
import type { Assignment, SignedEnvelope } from '@meridian/fleet';
import { digestOf } from './digest.ts';

/** Signs with a digest in place of ed25519, which alone would cost more than the rest of a world. */
export function signCheaply(assignment: Assignment): SignedEnvelope {
  const payload = Buffer.from(JSON.stringify(assignment)).toString('base64');
  return {
    payloadType: assignmentPayloadType,
    payload,
    signatures: [{ keyid: 'sim', sig: digestOf(payload) }],
  };
}

/** The assignment in an envelope that `signCheaply` made; undefined for any other. */
export function verifyCheaply({ payload, signatures }: SignedEnvelope): Assignment | undefined {
  if (signatures[0]?.sig !== digestOf(payload)) return undefined;
  return JSON.parse(Buffer.from(payload, 'base64').toString()) as Assignment;
}
