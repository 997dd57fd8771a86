import { keepPlaces, managedFieldsOf, ownsPath, yieldFields } from '@meridian/diff';
import type { FieldOwner, ProjectedField } from '@meridian/diff';
import { isJsonObject } from '@meridian/manifests';
import type { KubeObject } from '@meridian/manifests';
import type { Ignoring } from '../assignments/ignoring.ts';
import type { DesiredObject } from '../assignments/prepare.ts';
import { applicationLabel, fieldManager } from '../ports.ts';
import { isAdoptedIn } from './adopt-managers.ts';

/** A field that the bundle names and somebody else has: its path, and who it is left to as people write it. */
export interface LeftField {
  readonly path: string;
  readonly to: string;
}

/** What is to be applied, and what of the bundle is left to others. */
export interface Leaving {
  readonly object: KubeObject;
  readonly left: readonly LeftField[];
}

/** Managers that scale on behalf of an autoscaler; people's tools write `scale` as well. */
const scalingManagers: ReadonlySet<string> = new Set(['kube-controller-manager', 'keda', 'keda-operator']);

const replicasPath = 'spec.replicas';
const replicas = ['f:spec', 'f:replicas'];
const ownLabel = `metadata.labels[${applicationLabel}]`;

/** What decides about the fields of others. */
type Policies = Pick<DesiredObject, 'object' | 'managers' | 'ignoring' | 'options'>;

/** What an apply leaves to others in a live object: by the policy of its application, and replicas to an autoscaler. */
export function leaveFields(content: Policies, live: KubeObject, autoscaler: string | undefined): Leaving {
  const { object, managers, ignoring } = content;
  const respected = ignoring?.respects === true ? ignoring : undefined;
  const yieldsTo = (owner: FieldOwner) =>
    isOther(owner) &&
    (managers.of(owner.manager) === 'yield' || respected?.isTrusted(owner.manager) === true);
  const yielded = yieldFields(respected ? keepIgnored(content, respected, live) : object, live, yieldsTo);
  const left = yielded.left
    .filter(({ path }) => path !== ownLabel)
    .map(({ path, manager }) => ({ path, to: manager }));
  const ready = left.length < yielded.left.length ? withOwnLabel(yielded.object, object) : yielded.object;
  if (autoscaler === undefined || left.some(({ path }) => path === replicasPath))
    return { object: ready, left };
  const kept = { object: ready, managers };
  return { object: leaveReplicas(kept, live), left: [...left, { path: replicasPath, to: autoscaler }] };
}

function keepIgnored(content: Policies, ignoring: Ignoring, live: KubeObject): KubeObject {
  const { object } = content;
  return keepPlaces(object, live, {
    desired: ignoring.placesIn(object),
    live: ignoring.placesIn(live),
    label: applicationLabel,
    applier: fieldManager,
    isAdopted: isAdoptedIn(content),
  });
}

const isOther = ({ manager, subresource }: FieldOwner): boolean =>
  manager !== fieldManager && subresource !== 'status';

/** Without our label the object would be nobody's; that is never left to others. */
function withOwnLabel(object: KubeObject, { metadata: { labels = {} } }: KubeObject): KubeObject {
  const label = labels[applicationLabel] ?? '';
  return {
    ...object,
    metadata: { ...object.metadata, labels: { ...object.metadata.labels, [applicationLabel]: label } },
  };
}

/**
 * Replicas that somebody else owns are left out. While only we own them, or a tool whose fields become ours, leaving them out
 * would remove them, which means one replica: then the number that is there is applied until the autoscaler takes over.
 */
function leaveReplicas(
  { object, managers }: Pick<DesiredObject, 'object' | 'managers'>,
  live: KubeObject,
): KubeObject {
  const { spec } = object;
  const liveSpec = live['spec'];
  if (!isJsonObject(spec) || !isJsonObject(liveSpec)) return object;
  const { replicas: _ours, ...rest } = spec;
  const hasOwner = managedFieldsOf(live).some(
    (entry) => isOther(entry) && managers.of(entry.manager) !== 'adopt' && ownsPath(entry.fields, replicas),
  );
  const there = liveSpec['replicas'];
  const next = hasOwner || there === undefined ? rest : { ...rest, replicas: there };
  return { ...object, spec: next };
}

/** Who a field that differs in the live object is left to; undefined when it is ours to bring back. */
export function leftTo(
  live: KubeObject,
  { path, elements }: ProjectedField,
  {
    managers,
    ignoring,
    autoscaler,
  }: { readonly autoscaler: string | undefined } & Pick<DesiredObject, 'managers' | 'ignoring'>,
): string | undefined {
  if (path === replicasPath && autoscaler !== undefined) return autoscaler;
  const owners = managedFieldsOf(live).filter((entry) => isOther(entry) && ownsPath(entry.fields, elements));
  const scaler = owners.find(
    ({ manager, subresource }) => subresource === 'scale' && scalingManagers.has(manager),
  );
  if (path === replicasPath && scaler) return scaler.manager;
  const isKept = (manager: string) => ignoring?.respects === true && ignoring.isTrusted(manager);
  return owners.find(({ manager }) => managers.of(manager) === 'yield' || isKept(manager))?.manager;
}

/** Whether what differs in the live object is of a manager whose fields are ignored. */
export function isIgnored(
  live: KubeObject,
  elements: readonly string[],
  { ignoring }: Pick<DesiredObject, 'ignoring'>,
): boolean {
  return (
    ignoring !== undefined &&
    managedFieldsOf(live).some(
      (entry) => isOther(entry) && ignoring.isTrusted(entry.manager) && ownsPath(entry.fields, elements),
    )
  );
}
