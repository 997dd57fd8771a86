import type { Verdict } from '@meridian/health';
import { isJsonObject } from '../json.ts';
import type { DesiredObject } from '../assignments/prepare.ts';

/**
 * Whether the cluster removes an object some time after its end: a Job of a bundle that sets `ttlSecondsAfterFinished`
 * (Kubernetes, "Automatic cleanup for finished Jobs"). Gone then is no drift; made again, it would run again.
 */
export function isRemovedAtEnd({ object, entry }: DesiredObject): boolean {
  const spec = object['spec'];
  return (
    entry.group === 'batch' &&
    entry.kind === 'Job' &&
    isJsonObject(spec) &&
    typeof spec['ttlSecondsAfterFinished'] === 'number'
  );
}

/** What is said of a Job that is gone after a good end. */
export const goneAfterEnd: Verdict = {
  health: 'Healthy',
  reason: 'it was complete and is gone, as its ttlSecondsAfterFinished asks',
};
