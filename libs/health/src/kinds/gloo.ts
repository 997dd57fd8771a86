import type { KubeObject } from '@meridian/manifests';
import type { Health } from '@meridian/fleet';
import { at, isRecord, oneLine, textAt } from '../read.ts';
import { progressing } from '../verdict.ts';
import type { Verdict } from '../verdict.ts';

/** States by name and, in old versions, by number. */
const states: ReadonlyMap<string, Health> = new Map<string, Health>([
  ['Accepted', 'Healthy'],
  ['1', 'Healthy'],
  ['Warning', 'Degraded'],
  ['3', 'Degraded'],
  ['Pending', 'Suspended'],
  ['0', 'Suspended'],
  ['Rejected', 'Degraded'],
  ['2', 'Degraded'],
]);

/** Gloo: the first of the statuses of its controllers that says something, else the only one of a single controller. */
export function judgeGloo(object: KubeObject): Verdict {
  const statuses = at(object, 'status', 'statuses');
  const all = isRecord(statuses) ? Object.values(statuses) : [];
  for (const status of [...all, at(object, 'status')]) {
    const state = at(status, 'state');
    const health =
      typeof state === 'string' || typeof state === 'number' ? states.get(String(state)) : undefined;
    if (health === undefined) continue;
    const why = oneLine(textAt(status, 'reason'));
    return { health, reason: `state is ${String(state)}${why ? `: ${why}` : ''}` };
  }
  return progressing('its controller has not validated it yet');
}
