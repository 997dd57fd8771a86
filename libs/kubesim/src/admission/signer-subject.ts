import { forbiddenError } from '../errors/api-error.ts';
import { textAt } from '../json.ts';
import { readSigningRequest } from '../kinds/certificates/signing-request.ts';
import type { Admission } from './admit.ts';

const clientSigner = 'kubernetes.io/kube-apiserver-client';
const masters = 'system:masters';

/** CertificateSubjectRestriction: nobody comes to be an administrator by a certificate. Throws 403. */
export function restrictSubject({ draft, old, target }: Admission): void {
  if (old !== undefined || textAt(draft, 'spec', 'signerName') !== clientSigner) return;
  const read = readSigningRequest(textAt(draft, 'spec', 'request') ?? '');
  if (typeof read === 'string' || !read.organizations.includes(masters)) return;
  const why = `use of ${clientSigner} signer with ${masters} group is not allowed`;
  throw forbiddenError(target.resource, draft.metadata.name ?? '', why);
}
