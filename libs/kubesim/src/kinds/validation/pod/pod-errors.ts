import { forbidden } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { isObject, itemsAt, objectAt } from '../../../json.ts';
import type { JsonObject } from '../../../json.ts';
import type { KubeObject } from '../../../kube-object.ts';
import { itemsWithPaths } from '../checks.ts';
import { podAnnotationErrors, profileClashErrors } from './annotation-errors.ts';
import { paddedImageErrors } from './containers-errors.ts';
import { textOf } from './forms.ts';
import { podSpecErrors } from './pod-spec-errors.ts';

/** What is wrong with a pod apart from its metadata, whoever writes it (validatePodMetadataAndSpec of pkg/apis/core/validation). */
export function podErrors(pod: KubeObject): FieldError[] {
  const spec = objectAt(pod, 'spec') ?? {};
  const podName = pod.metadata.name ?? '';
  return [
    ...podAnnotationErrors(pod.metadata.annotations ?? {}, spec, 'metadata.annotations'),
    ...podSpecErrors(spec, 'spec', { isPod: true, podName }),
    ...tokenErrors(spec),
    ...['containers', 'initContainers'].flatMap((list) =>
      itemsWithPaths(spec[list], `spec.${list}`).flatMap(paddedImageErrors),
    ),
  ];
}

/** What is wrong with a pod that is created (ValidatePodCreate). */
export function newPodErrors(pod: KubeObject): FieldError[] {
  const spec = objectAt(pod, 'spec') ?? {};
  const gated = textOf(spec, 'nodeName') !== '' && itemsAt(spec, 'schedulingGates').length > 0;
  const notYet = 'cannot be set until all schedulingGates have been cleared';
  return [
    ...podErrors(pod),
    ...(itemsAt(spec, 'ephemeralContainers').length > 0
      ? [forbidden('spec.ephemeralContainers', 'cannot be set on create')]
      : []),
    ...(gated ? [forbidden('spec.nodeName', notYet)] : []),
    ...profileClashErrors(pod.metadata.annotations ?? {}, spec, 'spec'),
  ];
}

/** Tokens are those of an account. */
function tokenErrors(spec: JsonObject): FieldError[] {
  if (textOf(spec, 'serviceAccountName') !== '') return [];
  return itemsWithPaths(spec['volumes'], 'spec.volumes').flatMap(([volume, path]) =>
    itemsWithPaths(objectAt(volume, 'projected')?.['sources'], `${path}.projected.sources`)
      .filter(([source]) => isObject(source['serviceAccountToken']))
      .map(([, at]) =>
        forbidden(`${at}.serviceAccountToken`, 'must not be specified when serviceAccountName is not set'),
      ),
  );
}
