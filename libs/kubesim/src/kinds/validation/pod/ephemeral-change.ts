import { goQuote } from '@meridian/cel';
import { forbidden } from '../../../errors/field-error.ts';
import type { FieldError } from '../../../errors/field-error.ts';
import { unifiedDiff } from '../../../errors/unified-diff.ts';
import { itemsAt, objectAt, textAt } from '../../../json.ts';
import type { KubeObject } from '../../../kube-object.ts';
import { goInternalLines } from '../../../schema/go-internal.ts';
import { goEqual } from '../../../schema/go-equal.ts';
import { podAnnotationErrors } from './annotation-errors.ts';
import { podErrors } from './pod-errors.ts';

/** What is wrong with containers that look into a running pod: they may be added and never changed (ValidatePodEphemeralContainersUpdate). */
export function ephemeralUpdateErrors(pod: KubeObject, old: KubeObject): FieldError[] {
  const present = itemsAt(pod, 'spec', 'ephemeralContainers');
  const path = 'spec.ephemeralContainers';
  const annotations = pod.metadata.annotations ?? {};
  return [
    ...podErrors(pod),
    ...podAnnotationErrors(annotations, objectAt(pod, 'spec') ?? {}, 'metadata.annotations'),
    ...itemsAt(old, 'spec', 'ephemeralContainers').flatMap((container) => {
      const name = textAt(container, 'name') ?? '';
      const found = present.find((one) => textAt(one, 'name') === name);
      const what = `existing ephemeral containers ${goQuote(name)} may not be`;
      if (found === undefined) return [forbidden(path, `${what} removed\n`)];
      if (goEqual(found, container)) return [];
      const [before, after] = [container, found].map((one) =>
        goInternalLines(one, 'core.EphemeralContainer'),
      );
      return [forbidden(path, `${what} changed\n${unifiedDiff(before ?? [], after ?? [])}`)];
    }),
  ];
}
