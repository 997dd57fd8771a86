import { duplicate, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, numberAt, objectAt } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { textIn } from '../validation/go-fields.ts';
import { signerNameErrors } from './signer-name-errors.ts';
import { readSigningRequest } from './signing-request.ts';

const usages = [
  ...[
    'any',
    'cert sign',
    'client auth',
    'code signing',
    'content commitment',
    'crl sign',
    'data encipherment',
  ],
  ...['decipher only', 'digital signature', 'email protection', 'encipher only', 'ipsec end system'],
  ...['ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc'],
  ...['ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping'],
];

const shortest = 600;

/** What is wrong with a new request for a certificate. What it asks for never changes later. */
export function signingErrors(object: KubeObject): FieldError[] {
  const spec = objectAt(object, 'spec');
  const seconds = numberAt(spec, 'expirationSeconds') ?? shortest;
  return [
    ...requestErrors(textIn(spec, 'request')),
    ...usageErrors(itemsAt(spec, 'usages')),
    ...signerErrors(textIn(spec, 'signerName')),
    ...(seconds < shortest
      ? [
          invalid(
            'spec.expirationSeconds',
            seconds,
            'may not specify a duration less than 600 seconds (10 minutes)',
          ),
        ]
      : []),
  ];
}

function requestErrors(request: string): FieldError[] {
  const read = readSigningRequest(request);
  const problem = typeof read === 'string' ? read : read.problem;
  return problem === undefined ? [] : [invalid('spec.request', request, problem)];
}

function usageErrors(given: readonly unknown[]): FieldError[] {
  const asked = given.map(String);
  const path = (index: number) => `spec.usages[${String(index)}]`;
  return [
    ...(asked.length === 0 ? [required('spec.usages')] : []),
    ...asked.flatMap((usage, index) =>
      usages.includes(usage) ? [] : [notSupported(path(index), usage, usages)],
    ),
    ...asked.flatMap((usage, index) =>
      asked.indexOf(usage) === index ? [] : [duplicate(path(index), usage)],
    ),
  ];
}

function signerErrors(name: string): FieldError[] {
  if (name !== 'kubernetes.io/legacy-unknown') return signerNameErrors(name, 'spec.signerName');
  return [invalid('spec.signerName', name, 'the legacy signerName is not allowed via this API version')];
}
