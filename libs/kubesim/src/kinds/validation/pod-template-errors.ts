import { forbidden } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, objectAt, textsAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { annotationErrors, labelErrors } from '../metadata.ts';
import { podAnnotationErrors, profileClashErrors } from './pod/annotation-errors.ts';
import { podSpecErrors } from './pod/pod-spec-errors.ts';

/** What is wrong with the template of a pod at a path (ValidatePodTemplateSpec of pkg/apis/core/validation). */
export function podTemplateErrors(template: JsonObject | undefined, path: string): FieldError[] {
  const labels = textsAt(template, 'metadata', 'labels');
  const annotations = textsAt(template, 'metadata', 'annotations');
  const spec = objectAt(template, 'spec') ?? {};
  return [
    ...labelErrors(labels, `${path}.labels`),
    ...annotationErrors(annotations, `${path}.annotations`),
    ...podAnnotationErrors(annotations, spec, `${path}.annotations`),
    ...podSpecErrors(spec, `${path}.spec`, { isPod: false, podName: '' }),
    ...profileClashErrors(annotations, spec, `${path}.spec`),
    ...(itemsAt(spec, 'ephemeralContainers').length > 0
      ? [forbidden(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template')]
      : []),
  ];
}
