import { goQuote } from '@meridian/cel';
import { invalid, required } from '../errors/field-error.ts';
import type { FieldError } from '../errors/field-error.ts';
import { textAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Condition } from './conditions.ts';

const annotation = 'api-approved.kubernetes.io';
const review = 'see https://github.com/kubernetes/enhancements/pull/1111';

/** Whether the Kubernetes project has approved an API, as an annotation of its definition says. */
export interface Approval {
  readonly state: 'approved' | 'bypassed' | 'missing' | 'invalid';
  readonly words: string;
}

/** The approval of a definition; undefined when its group is none of the Kubernetes project. */
function approvalOf(definition: KubeObject): Approval | undefined {
  const group = textAt(definition, 'spec', 'group') ?? '';
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(group)) return undefined;
  const given = definition.metadata.annotations?.[annotation] ?? '';
  const needed = `protected groups must have approval annotation ${goQuote(annotation)}`;
  if (given === '') return { state: 'missing', words: `${needed}, ${review}` };
  if (given.startsWith('unapproved')) {
    return { state: 'bypassed', words: `not approved: ${goQuote(given)}` };
  }
  if (isAddress(given)) return { state: 'approved', words: `approved in ${given}` };
  return {
    state: 'invalid',
    words: `${needed} with either a URL or a reason starting with "unapproved", ${review}`,
  };
}

const conditions = {
  approved: { status: 'True', reason: 'ApprovedAnnotation' },
  bypassed: { status: 'False', reason: 'UnapprovedAnnotation' },
  missing: { status: 'False', reason: 'MissingAnnotation' },
  invalid: { status: 'False', reason: 'InvalidAnnotation' },
} as const;

/** What a definition says about its approval; undefined when its group needs none. */
export function approvalCondition(definition: KubeObject): Condition | undefined {
  const approval = approvalOf(definition);
  return approval && { ...conditions[approval.state], message: approval.words };
}

/** What is wrong with the approval of a definition that is created or updated; what has not changed is let be. */
export function approvalErrors(definition: KubeObject, old?: KubeObject): FieldError[] {
  const approval = approvalOf(definition);
  if (approval === undefined) return [];
  if (old !== undefined && approvalOf(old)?.state === approval.state) return [];
  const path = `metadata.annotations[${annotation}]`;
  const given = definition.metadata.annotations?.[annotation] ?? '';
  if (approval.state === 'missing') return [required(path, approval.words)];
  return approval.state === 'invalid' ? [invalid(path, given, approval.words)] : [];
}

function isAddress(text: string): boolean {
  return /^[a-zA-Z][-+.a-zA-Z0-9]*:\/\//.test(text) && URL.canParse(text) && new URL(text).host !== '';
}
