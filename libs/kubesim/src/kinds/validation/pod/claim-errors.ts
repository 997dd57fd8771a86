import { dnsLabelProblems, subdomainProblems } from '@meridian/cel';
import { duplicate, GoText, invalid, required } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { textAt } from '../../../json.ts';
import type { Json } from '../../../json.ts';
import { goInternalText } from '../../../schema/go-internal.ts';
import { itemsWithPaths } from '../checks.ts';
import { formed, textOf } from './forms.ts';
import type { Placed } from './forms.ts';

/** What is wrong with the claims of a pod to devices (validatePodResourceClaims of pkg/apis/core/validation). */
export function resourceClaimErrors(claims: Json | undefined, list: string): FieldError[] {
  const seen = new Set<string>();
  return itemsWithPaths(claims, list).flatMap(([claim, path]) => [
    ...claimNameErrors(textOf(claim, 'name'), `${path}.name`, seen),
    ...sourceErrors([claim, path]),
  ]);
}

function claimNameErrors(name: string, path: string, seen: Set<string>): FieldError[] {
  if (name === '') return [required(path)];
  if (seen.has(name)) return [duplicate(path, name)];
  seen.add(name);
  return formed(name, path, dnsLabelProblems);
}

function sourceErrors([claim, path]: Placed): FieldError[] {
  const fields = ['resourceClaimName', 'resourceClaimTemplateName'];
  const used = fields.filter((field) => textAt(claim, field) !== undefined);
  const names = used.flatMap((field) => formed(textOf(claim, field), `${path}.${field}`, subdomainProblems));
  if (used.length === 1) return names;
  const why =
    used.length > 1
      ? 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified'
      : 'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`';
  return [invalid(path, new GoText(goInternalText(claim, 'core.PodResourceClaim')), why), ...names];
}
