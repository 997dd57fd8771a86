import { X509Certificate } from 'node:crypto';
import { goQuote } from '@meridian/cel';
import { duplicate, forbidden, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, itemsAt, objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { textIn } from '../validation/go-fields.ts';
import { pemBlocks } from './pem.ts';

/** What only one of the two subresources may write. */
export type SigningPart = 'approval' | 'certificate';

const path = 'status.conditions';
const decisions = ['Approved', 'Denied'];
const final = [...decisions, 'Failed'];

/** What is wrong with a changed status of a request for a certificate, by a write that may set one part of it. */
export function signingStatusErrors(object: KubeObject, old: KubeObject, allowed: SigningPart): FieldError[] {
  const [now, before] = [object, old].map(conditionsOf);
  return [
    ...conditionErrors(now ?? []),
    ...formErrors(certificateOf(object), certificateOf(old)),
    ...lostErrors(now ?? [], before ?? []),
    ...(allowed === 'approval' ? [] : decidedErrors(now ?? [], before ?? [])),
    ...changeErrors(certificateOf(object), certificateOf(old), allowed),
  ];
}

/** The conditions of a request for a certificate. */
export function conditionsOf(object: KubeObject): JsonObject[] {
  return itemsAt(object, 'status', 'conditions').filter(isObject);
}

function certificateOf(object: KubeObject): string {
  return textIn(objectAt(object, 'status'), 'certificate');
}

function conditionErrors(conditions: readonly JsonObject[]): FieldError[] {
  const types = conditions.map((condition) => textIn(condition, 'type'));
  return conditions.flatMap((condition, index) => {
    const type = types[index] ?? '';
    const at = `${path}[${String(index)}]`;
    const before = types.slice(0, index);
    return [
      ...(type === '' ? [required(`${at}.type`)] : []),
      ...statusErrors(type, textIn(condition, 'status'), `${at}.status`),
      ...(contradicts(type, before)
        ? [invalid(path, type, 'Approved and Denied conditions are mutually exclusive')]
        : []),
      ...(before.includes(type) ? [duplicate(`${at}.type`, type)] : []),
    ];
  });
}

function contradicts(type: string, before: readonly string[]): boolean {
  return decisions.includes(type) && decisions.some((other) => other !== type && before.includes(other));
}

function statusErrors(type: string, status: string, at: string): FieldError[] {
  const supported = final.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
  if (status === '') return [required(at)];
  return supported.includes(status) ? [] : [notSupported(at, status, supported)];
}

function formErrors(certificate: string, old: string): FieldError[] {
  const problem = certificate === old ? undefined : certificateProblem(certificate);
  return problem === undefined ? [] : [invalid('status.certificate', '<certificate data>', problem)];
}

/** What keeps text from being a chain of certificates, undefined when nothing does. */
function certificateProblem(certificate: string): string | undefined {
  if (certificate === '') return undefined;
  const blocks = pemBlocks(certificate);
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block';
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${goQuote(type)}`;
    if (hasHeaders) return 'no PEM block headers are permitted';
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates';
    if (!isCertificate(bytes)) return 'x509: malformed certificate';
  }
  return undefined;
}

function isCertificate(bytes: Buffer): boolean {
  try {
    return new X509Certificate(bytes).raw.length > 0;
  } catch {
    return false;
  }
}

function lostErrors(now: readonly JsonObject[], before: readonly JsonObject[]): FieldError[] {
  return final.flatMap((type) =>
    count(now, type) < count(before, type)
      ? [forbidden(path, `updates may not remove a condition of type ${goQuote(type)}`)]
      : [],
  );
}

function decidedErrors(now: readonly JsonObject[], before: readonly JsonObject[]): FieldError[] {
  return decisions.flatMap((type) =>
    count(now, type) > count(before, type)
      ? [forbidden(path, `updates may not add a condition of type ${goQuote(type)}`)]
      : [],
  );
}

function count(conditions: readonly JsonObject[], type: string): number {
  return conditions.filter((condition) => textIn(condition, 'type') === type).length;
}

function changeErrors(certificate: string, old: string, allowed: SigningPart): FieldError[] {
  if (certificate === old) return [];
  if (allowed !== 'certificate')
    return [forbidden('status.certificate', 'updates may not set certificate content')];
  return old === ''
    ? []
    : [forbidden('status.certificate', 'updates may not modify existing certificate content')];
}
