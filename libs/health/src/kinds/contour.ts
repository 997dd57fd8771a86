import type { KubeObject } from '@meridian/manifests';
import { at, conditionsOf, generationOf, oneLine, textAt } from '../read.ts';
import { degraded, healthy, progressing } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

/**
 * HTTPProxy of Contour: its condition Valid, when it speaks of the present generation. A proxy that includes others is
 * invalid until those are there, and they are orphans until it is: neither may wait for the other.
 */
export function judgeHttpProxy(object: KubeObject): Verdict {
  const description = oneLine(textAt(object, 'status', 'description'));
  const current = conditionsOf(object).filter(
    ({ observedGeneration }) => observedGeneration === generationOf(object),
  );
  const includes = at(object, 'spec', 'includes') !== undefined;
  if (current.some(({ type, status }) => type === 'Valid' && status === 'True'))
    return healthy(description || 'the proxy is valid');
  const isBad = current.some(({ type, status }) => status === 'False' && (includes || type === 'Valid'));
  if (!isBad) return progressing(description || 'its controller has not looked at it yet');
  return includes
    ? healthy('a proxy that includes others cannot be judged by itself')
    : degraded(description || 'the proxy is not valid');
}
