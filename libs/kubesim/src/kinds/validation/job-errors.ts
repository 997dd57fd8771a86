import { dnsLabelProblems, subdomainProblems } from '@meridian/cel';
import { GoText, invalid, notSupported, required, tooLong } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { numberAt, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goInternalText } from '../../schema/go-internal.ts';
import { notNegative } from './checks.ts';
import { failurePolicyErrors, successPolicyErrors } from './job-policy-errors.ts';
import { choice, formed, textOf } from './pod/forms.ts';
import { podTemplateErrors } from './pod-template-errors.ts';
import { labelSelectorErrors, selects, shownSelector, unselected } from './selector-errors.ts';
import { labelsOf, specOf } from './workload-errors.ts';

/** What is wrong with a job, whoever writes it (ValidateJob of pkg/apis/batch/validation). */
export function jobErrors(job: KubeObject): FieldError[] {
  const spec = specOf(job);
  return [...generatedErrors(job), ...jobSpecErrors(spec), ...indexedNameErrors(job)];
}

/** What is wrong with the spec of a job, its selector included. */
export function jobSpecErrors(spec: JsonObject): FieldError[] {
  const selector = objectAt(spec, 'selector');
  const labels = labelsOf(spec);
  const path = 'spec.selector';
  const errors = labelSelectorErrors(selector, path);
  const fits = errors.length > 0 || (selector !== undefined && selects(selector, labels));
  return [
    ...jobTemplateErrors(spec, 'spec'),
    ...(selector === undefined ? [required(path)] : errors),
    ...(fits ? [] : [unselected(labels)]),
  ];
}

/** A job that selects its pods by itself gave its template the labels for it, unless others were there before. */
function generatedErrors(job: KubeObject): FieldError[] {
  const spec = specOf(job);
  const selector = objectAt(spec, 'selector');
  if (spec['manualSelector'] === true || selector === undefined) return [];
  const { uid = '', name = '' } = job.metadata;
  const wanted = {
    'controller-uid': uid,
    'job-name': name,
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
  };
  const good = labelSelectorErrors(selector, '').length > 0 || selects(selector, wanted);
  return [
    ...(uid === '' ? [required('metadata.uid')] : []),
    ...Object.entries(wanted).flatMap(([key, value]) => labelErrors(labelsOf(spec), key, value)),
    ...(good ? [] : [invalid('spec.selector', shownSelector(selector), '`selector` not auto-generated')]),
  ];
}

function labelErrors(labels: JsonObject | undefined, key: string, value: string): FieldError[] {
  const path = `spec.template.metadata.labels[${key}]`;
  const found = textAt(labels, key);
  if (found === undefined) return [required(path, `must be '${value}'`)];
  return found === value ? [] : [invalid(path, labels, `must be '${value}'`)];
}

function indexedNameErrors(job: KubeObject): FieldError[] {
  const spec = specOf(job);
  const completions = numberAt(spec, 'completions') ?? 0;
  if (spec['completionMode'] !== 'Indexed' || completions <= 0) return [];
  const name = job.metadata.name ?? '';
  const hostname = `${name}-${String(completions - 1)}`;
  const why = `will not able to create pod with invalid DNS label: ${hostname}`;
  return dnsLabelProblems(hostname).length === 0 ? [] : [invalid('metadata.name', name, why)];
}

const counts = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
];

/** What is wrong with the spec of a job, or with that in the template of a cron job, apart from its selector. */
export function jobTemplateErrors(spec: JsonObject, path: string): FieldError[] {
  return [
    ...counts.flatMap((field) => notNegative(spec[field], `${path}.${field}`)),
    ...(spec['maxFailedIndexes'] !== undefined && spec['backoffLimitPerIndex'] === undefined
      ? [required(`${path}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')]
      : []),
    ...managerErrors(textAt(spec, 'managedBy'), `${path}.managedBy`),
    ...choice(spec['completionMode'], `${path}.completionMode`, ['NonIndexed', 'Indexed']),
    ...modeErrors(spec, path),
    ...policyErrors(spec, path),
    ...podTemplateErrors(objectAt(spec, 'template'), `${path}.template`),
    ...restartErrors(spec, `${path}.template.spec.restartPolicy`),
  ];
}

const longestManager = 63;

function managerErrors(manager: string | undefined, path: string): FieldError[] {
  if (manager === undefined) return [];
  const long = manager.length > longestManager ? [tooLong(path, longestManager)] : [];
  if (manager === '') return [required(path)];
  const slash = manager.indexOf('/');
  const [host, rest] = [manager.slice(0, Math.max(slash, 0)), manager.slice(slash + 1)];
  if (host === '' || rest === '') {
    const why = 'must be a domain-prefixed path (such as "acme.io/foo")';
    return [invalid(path, manager, why), ...long];
  }
  const form = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+";
  const good = new RegExp(`^${form}$`).test(rest);
  const why = `Invalid path (regex used for validation is '${form}')`;
  return [...formed(host, path, subdomainProblems), ...(good ? [] : [invalid(path, rest, why)]), ...long];
}

/** From here on a job has so many indexes that fewer of them may run and fail at once. */
const manyCompletions = 100_000;
const fewOfMany = 10_000;

function modeErrors(spec: JsonObject, path: string): FieldError[] {
  const mode = textAt(spec, 'completionMode') ?? 'NonIndexed';
  if (mode === 'Indexed') return indexedErrors(spec, path);
  if (mode !== 'NonIndexed') return [];
  return ['backoffLimitPerIndex', 'maxFailedIndexes'].flatMap((field) => {
    const value = spec[field];
    return value === undefined
      ? []
      : [invalid(`${path}.${field}`, value, 'requires indexed completion mode')];
  });
}

function indexedErrors(spec: JsonObject, path: string): FieldError[] {
  const [completions, parallelism, failures] = ['completions', 'parallelism', 'maxFailedIndexes'].map(
    (field) => numberAt(spec, field),
  );
  const errors: FieldError[] = [];
  if (completions === undefined) {
    errors.push(required(`${path}.completions`, 'when completion mode is Indexed'));
  }
  errors.push(
    ...above(parallelism, manyCompletions, [`${path}.parallelism`, ' when completion mode is Indexed']),
  );
  if (completions !== undefined && failures !== undefined && failures > completions) {
    const why = 'must be less than or equal to completions';
    errors.push(invalid(`${path}.maxFailedIndexes`, failures, why));
  }
  errors.push(...above(failures, manyCompletions, [`${path}.maxFailedIndexes`, '']));
  const isHuge = (completions ?? 0) > manyCompletions && spec['backoffLimitPerIndex'] !== undefined;
  return isHuge ? [...errors, ...hugeErrors(spec, path)] : errors;
}

function hugeErrors(spec: JsonObject, path: string): FieldError[] {
  const failures = numberAt(spec, 'maxFailedIndexes');
  const many = String(manyCompletions);
  const why = ` when completions are above ${many} and used with backoff limit per index`;
  return [
    ...(failures === undefined
      ? [required(`${path}.maxFailedIndexes`, `must be specified when completions is above ${many}`)]
      : []),
    ...above(numberAt(spec, 'parallelism'), fewOfMany, [`${path}.parallelism`, why]),
    ...above(failures, fewOfMany, [`${path}.maxFailedIndexes`, why]),
  ];
}

function above(
  value: number | undefined,
  most: number,
  [path, when]: readonly [string, string],
): FieldError[] {
  if (value === undefined || value <= most) return [];
  return [invalid(path, value, `must be less than or equal to ${String(most)}${when}`)];
}

function policyErrors(spec: JsonObject, path: string): FieldError[] {
  const success = objectAt(spec, 'successPolicy');
  const isIndexed = spec['completionMode'] === 'Indexed';
  const shown = new GoText(goInternalText(success, 'batch.SuccessPolicy'));
  const refused = [invalid(`${path}.successPolicy`, shown, 'requires indexed completion mode')];
  return [
    ...failurePolicyErrors(spec, `${path}.podFailurePolicy`),
    ...(success === undefined
      ? []
      : isIndexed
        ? successPolicyErrors(spec, `${path}.successPolicy`)
        : refused),
    ...replacementErrors(spec, `${path}.podReplacementPolicy`),
  ];
}

function replacementErrors(spec: JsonObject, path: string): FieldError[] {
  const hasPolicy = objectAt(spec, 'podFailurePolicy') !== undefined;
  return choice(
    spec['podReplacementPolicy'],
    path,
    hasPolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'],
  );
}

function restartErrors(spec: JsonObject, path: string): FieldError[] {
  const policy = textOf(spec, 'template', 'spec', 'restartPolicy');
  if (policy === 'Always' || policy === '') return [required(path, 'valid values: "OnFailure", "Never"')];
  if (policy !== 'OnFailure' && policy !== 'Never') {
    return [notSupported(path, policy, ['OnFailure', 'Never'])];
  }
  const why = 'only "Never" is supported when podFailurePolicy is specified';
  const clashes = objectAt(spec, 'podFailurePolicy') !== undefined && policy !== 'Never';
  return clashes ? [invalid(path, policy, why)] : [];
}
