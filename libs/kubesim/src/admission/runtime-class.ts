import { forbiddenError } from '../errors/api-error.ts';
import { draftOf, itemsAt, jsonEqual, objectAt, textAt, textsAt } from '../json.ts';
import type { Admission } from './admit.ts';

/** RuntimeClass: a pod gets the overhead and the places of its class, which has to be there. Throws 403. */
export function runtimeClass({ draft, old, target, context }: Admission): void {
  const spec = objectAt(draft, 'spec');
  const named = textAt(spec, 'runtimeClassName');
  if (old !== undefined || spec === undefined || named === undefined) return;
  const refused = (why: string) =>
    forbiddenError(target.resource, draft.metadata.name ?? '', `pod rejected: ${why}`);
  const found = context.lookup('runtimeclasses.node.k8s.io', '', named);
  if (found === undefined) throw refused(`RuntimeClass "${named}" not found`);
  const overhead = objectAt(found, 'overhead', 'podFixed');
  if (overhead !== undefined) {
    if (spec['overhead'] !== undefined && !jsonEqual(spec['overhead'], overhead)) {
      throw refused("Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    spec['overhead'] = draftOf(overhead);
  } else if (spec['overhead'] !== undefined) {
    throw refused('Pod Overhead set without corresponding RuntimeClass defined Overhead');
  }
  const wanted = textsAt(found, 'scheduling', 'nodeSelector');
  const given = textsAt(spec, 'nodeSelector');
  for (const [key, value] of Object.entries(wanted)) {
    if (given[key] !== undefined && given[key] !== value) {
      throw refused(
        `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${given[key]}`,
      );
    }
  }
  if (Object.keys(wanted).length > 0) spec['nodeSelector'] = { ...given, ...wanted };
  const more = itemsAt(found, 'scheduling', 'tolerations');
  if (more.length > 0)
    spec['tolerations'] = [...itemsAt(spec, 'tolerations'), ...more.map((one) => draftOf(one))];
}
