import { dnsLabelProblems } from '@meridian/cel';
import { forbidden, GoText, invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { isObject, itemsAt, objectAt, textAt, textsAt, valueAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goInternalText } from '../../schema/go-internal.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { annotationErrors, labelErrors } from '../metadata.ts';
import { countOrPercent, itemsWithPaths, notNegative, notOverAll } from './checks.ts';
import { claimSpecErrors } from './claim-spec-errors.ts';
import { podAnnotationErrors } from './pod/annotation-errors.ts';
import { choice, formedIfAny, partOf, textOf } from './pod/forms.ts';
import { podTemplateErrors } from './pod-template-errors.ts';
import { labelSelectorErrors, selectionErrors } from './selector-errors.ts';
import { endlessErrors, isNone, labelsOf, specOf } from './workload-errors.ts';

/** What is wrong with a stateful set that is created (ValidateStatefulSet of pkg/apis/apps/validation). */
export function newStatefulSetErrors(object: KubeObject): FieldError[] {
  return statefulSetErrors(specOf(object), { isNew: true, looksAtPods: true });
}

/** What is wrong with a stateful set that is updated. A template that was never good is not looked at again. */
export function statefulSetUpdateErrors(object: KubeObject, old: KubeObject): FieldError[] {
  const wasGood = statefulSetErrors(specOf(old), { isNew: false, looksAtPods: true }).length === 0;
  return [
    ...statefulSetErrors(specOf(object), { isNew: false, looksAtPods: wasGood }),
    ...statefulSetChange(specOf(object), specOf(old)),
  ];
}

interface Depth {
  /** Old claims and names of services are left alone, because nobody can change them. */
  readonly isNew: boolean;
  readonly looksAtPods: boolean;
}

function statefulSetErrors(spec: JsonObject, { isNew, looksAtPods }: Depth): FieldError[] {
  const claims = itemsWithPaths(spec['volumeClaimTemplates'], 'spec.volumeClaimTemplates');
  return [
    ...policyErrors(textOf(spec, 'podManagementPolicy')),
    ...strategyErrors(spec),
    ...retentionErrors(objectAt(spec, 'persistentVolumeClaimRetentionPolicy')),
    ...(isNew
      ? claims.flatMap(([claim, path]) => claimSpecErrors(partOf(claim, 'spec'), `${path}.spec`))
      : []),
    ...notNegative(spec['replicas'], 'spec.replicas'),
    ...notNegative(spec['minReadySeconds'], 'spec.minReadySeconds'),
    ...notNegative(valueAt(spec, 'ordinals', 'start'), 'spec.ordinals.start'),
    ...(isNew ? formedIfAny(textOf(spec, 'serviceName'), 'spec.serviceName', dnsLabelProblems) : []),
    ...templateErrors(spec, looksAtPods),
    ...endlessErrors(spec, 'StatefulSet'),
  ];
}

function policyErrors(policy: string): FieldError[] {
  const path = 'spec.podManagementPolicy';
  if (policy === '') return [required(path)];
  return ['OrderedReady', 'Parallel'].includes(policy)
    ? []
    : [invalid(path, policy, "must be 'OrderedReady' or 'Parallel'")];
}

function strategyErrors(spec: JsonObject): FieldError[] {
  const strategy = partOf(spec, 'updateStrategy');
  const update = objectAt(strategy, 'rollingUpdate');
  const path = 'spec.updateStrategy';
  switch (textOf(strategy, 'type')) {
    case '':
      return [required(path)];
    case 'OnDelete': {
      const shown = new GoText(goInternalText(update, 'apps.RollingUpdateStatefulSetStrategy'));
      const why = "only allowed for updateStrategy 'RollingUpdate'";
      return update === undefined ? [] : [invalid(`${path}.rollingUpdate`, shown, why)];
    }
    case 'RollingUpdate':
      return update === undefined ? [] : rollingErrors(update, `${path}.rollingUpdate`);
    default: {
      const shown = new GoText(goInternalText(strategy, 'apps.StatefulSetUpdateStrategy'));
      return [invalid(path, shown, "must be 'RollingUpdate' or 'OnDelete'")];
    }
  }
}

function rollingErrors(update: JsonObject, path: string): FieldError[] {
  const errors = notNegative(update['partition'], `${path}.partition`);
  const unavailable = update['maxUnavailable'];
  if (unavailable === undefined) return errors;
  const at = `${path}.maxUnavailable`;
  return [
    ...errors,
    ...countOrPercent(unavailable, at),
    ...(isNone(unavailable) ? [invalid(at, unavailable, 'cannot be 0')] : []),
    ...notOverAll(unavailable, at),
  ];
}

function retentionErrors(policy: JsonObject | undefined): FieldError[] {
  if (policy === undefined) return [];
  return ['whenDeleted', 'whenScaled'].flatMap((field) =>
    choice(textOf(policy, field), `spec.persistentVolumeClaimRetentionPolicy.${field}`, ['Retain', 'Delete']),
  );
}

function templateErrors(spec: JsonObject, looksAtPods: boolean): FieldError[] {
  const labels = labelsOf(spec);
  const selection = selectionErrors(spec, { kind: 'statefulset', unusable: '', labels });
  if (labelSelectorErrors(objectAt(spec, 'selector'), '').length > 0) return selection;
  const template = objectAt(spec, 'template');
  const path = 'spec.template';
  const annotations = textsAt(template, 'metadata', 'annotations');
  // The server looks at labels and annotations once more than it does for others.
  return [
    ...selection,
    ...(looksAtPods ? podTemplateErrors(asPodsWillBe(spec), path) : []),
    ...labelErrors(textsAt(labels), `${path}.labels`),
    ...annotationErrors(annotations, `${path}.annotations`),
    ...podAnnotationErrors(annotations, objectAt(template, 'spec') ?? {}, `${path}.annotations`),
  ];
}

/** The template with what the controller will put in: names, and a volume for each claim. */
function asPodsWillBe(spec: JsonObject): JsonObject {
  const template = objectAt(spec, 'template') ?? {};
  const { subdomain: _, hostname: __, ...podSpec } = objectAt(template, 'spec') ?? {};
  const claims = itemsAt(spec, 'volumeClaimTemplates').map(
    (claim) => textAt(claim, 'metadata', 'name') ?? '',
  );
  if (claims.length === 0) return { ...template, spec: podSpec };
  const added = [...new Set(claims)].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const own = itemsAt(podSpec, 'volumes').filter((volume) => !claims.includes(nameOf(volume)));
  return { ...template, spec: { ...podSpec, volumes: [...added, ...own] } };
}

function nameOf(volume: Json): string {
  return isObject(volume) ? textOf(volume, 'name') : '';
}

const mutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

function statefulSetChange(spec: JsonObject, old: JsonObject): FieldError[] {
  const fixed = (one: JsonObject) =>
    Object.fromEntries(Object.entries(one).filter(([field]) => !mutable.includes(field)));
  if (goEqual(fixed(spec), fixed(old))) return [];
  const shown = mutable.map((field) => `'${field}'`);
  const list = `${shown.slice(0, -1).join(', ')} and ${shown.at(-1) ?? ''}`;
  return [forbidden('spec', `updates to statefulset spec for fields other than ${list} are forbidden`)];
}
