import { status } from '@grpc/grpc-js';
import type { sendUnaryData } from '@grpc/grpc-js';
import { errorText } from '@meridian/runtime';
import type { CertificateServiceServer } from '@meridian/wire';
import type { LinkLog } from '../attach-link.ts';
import { agentIdentity } from '../peer-identity.ts';
import type { CertificateDesk, DeskAnswer } from './certificate-desk.ts';

const codes = {
  refused: status.PERMISSION_DENIED,
  busy: status.RESOURCE_EXHAUSTED,
  broken: status.UNAVAILABLE,
} as const;

/** The service that renews certificates of those who are known by one. */
export function renewalService(desk: CertificateDesk, log: LinkLog): CertificateServiceServer {
  return {
    renew(call, callback) {
      const certificate = call.getAuthContext().sslPeerCertificate;
      const identity = certificate && agentIdentity(certificate.raw);
      if (!identity) {
        log.error(
          { peer: call.getPeer(), alarm: true },
          'a certificate without the URI of a cluster asked to be renewed',
        );
        return callback({ code: status.UNAUTHENTICATED, details: 'the certificate names no cluster' });
      }
      void answer(callback, () => desk.renew(identity, call.request.request), log);
    },
  };
}

/** Answers a call with what the desk says; a fault of ours is told to the log only. */
export async function answer(
  callback: sendUnaryData<{ certificate: Buffer }>,
  ask: () => Promise<DeskAnswer>,
  log: LinkLog,
): Promise<void> {
  try {
    const said = await ask();
    if (said.ok) callback(null, { certificate: said.certificate });
    else callback({ code: codes[said.kind], details: said.reason });
  } catch (error) {
    log.error({ error: errorText(error) }, 'a request for a certificate failed');
    callback({ code: status.INTERNAL, details: 'the hub failed; its log says why' });
  }
}
