import { forbiddenError } from '../errors/api-error.ts';
import { draftOf, itemsAt, jsonEqual, objectAt, textAt, textsAt } from '../json.ts';
import type { JsonObject } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Admission } from './admit.ts';

/** RuntimeClass: a pod gets the overhead and the places of its class, which has to be there. Throws 403. */
export function runtimeClass({ draft, old, target, context }: Admission): void {
  const spec = objectAt(draft, 'spec');
  const named = textAt(spec, 'runtimeClassName');
  if (old !== undefined || spec === undefined) return;
  const found = named === undefined ? undefined : context.lookup('runtimeclasses.node.k8s.io', '', named);
  const problem =
    named !== undefined && found === undefined
      ? `pod rejected: RuntimeClass "${named}" not found`
      : (overheadProblem(spec, found) ?? placeProblem(spec, found));
  if (problem !== undefined) throw forbiddenError(target.resource, draft.metadata.name ?? '', problem);
  if (found !== undefined) fillFrom(found, spec);
}

function overheadProblem(spec: JsonObject, found: KubeObject | undefined): string | undefined {
  const overhead = objectAt(found, 'overhead', 'podFixed');
  const given = spec['overhead'];
  if (given === undefined || jsonEqual(given, overhead)) return undefined;
  return overhead === undefined
    ? 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead'
    : "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead";
}

function placeProblem(spec: JsonObject, found: KubeObject | undefined): string | undefined {
  const given = textsAt(spec, 'nodeSelector');
  const other = Object.entries(textsAt(found, 'scheduling', 'nodeSelector')).find(
    ([key, value]) => given[key] !== undefined && given[key] !== value,
  );
  if (other === undefined) return undefined;
  const [key, value] = other;
  return `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${given[key] ?? ''}`;
}

function fillFrom(found: KubeObject, spec: JsonObject): void {
  const overhead = objectAt(found, 'overhead', 'podFixed');
  if (overhead !== undefined) spec['overhead'] = draftOf(overhead);
  const places = textsAt(found, 'scheduling', 'nodeSelector');
  if (Object.keys(places).length > 0) spec['nodeSelector'] = { ...textsAt(spec, 'nodeSelector'), ...places };
  const more = itemsAt(found, 'scheduling', 'tolerations');
  if (more.length > 0)
    spec['tolerations'] = [...itemsAt(spec, 'tolerations'), ...more].map((one) => draftOf(one));
}
