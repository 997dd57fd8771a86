import { forbiddenError } from '../errors/api-error.ts';
import { objectAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import { nanoOf } from '../kinds/policy/quantities.ts';
import type { Admission } from './admit.ts';

/** DefaultStorageClass: a claim that names no class gets the default one. */
export function defaultStorageClass({ draft, old, context }: Admission): void {
  const spec = objectAt(draft, 'spec');
  const annotated = draft.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined;
  if (old !== undefined || spec === undefined || annotated || spec['storageClassName'] !== undefined) return;
  const found = defaultOf(context.lookupAll('storageclasses.storage.k8s.io'), [
    'storageclass.kubernetes.io/is-default-class',
    'storageclass.beta.kubernetes.io/is-default-class',
  ]);
  if (found !== undefined) spec['storageClassName'] = found;
}

/** DefaultIngressClass: an ingress that names no class gets the default one. */
export function defaultIngressClass({ draft, old, context }: Admission): void {
  const spec = objectAt(draft, 'spec');
  const annotated = draft.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined;
  if (old !== undefined || spec === undefined || annotated || spec['ingressClassName'] !== undefined) return;
  const classes = context.lookupAll('ingressclasses.networking.k8s.io');
  const found = defaultOf(classes, ['ingressclass.kubernetes.io/is-default-class']);
  if (found !== undefined) spec['ingressClassName'] = found;
}

/** Of several defaults the newest counts, and of those the first by name. */
function defaultOf(classes: readonly KubeObject[], annotations: readonly string[]): string | undefined {
  const isDefault = ({ metadata }: KubeObject) =>
    annotations.some((annotation) => metadata.annotations?.[annotation] === 'true');
  const age = (one: KubeObject) => one.metadata.creationTimestamp ?? '';
  const [newest] = classes
    .filter(isDefault)
    .toSorted(
      (a, b) => age(b).localeCompare(age(a)) || (a.metadata.name ?? '').localeCompare(b.metadata.name ?? ''),
    );
  return newest?.metadata.name;
}

/** Priority: there is one default class at most. Throws 403. */
export function oneDefaultPriority({ draft, target, context }: Admission): void {
  if (draft['globalDefault'] !== true) return;
  const other = context
    .lookupAll('priorityclasses.scheduling.k8s.io')
    .find((one) => one['globalDefault'] === true && one.metadata.name !== draft.metadata.name);
  if (other === undefined) return;
  const why = `PriorityClass ${other.metadata.name ?? ''} is already marked as default. Only one default can exist`;
  throw forbiddenError(target.resource, draft.metadata.name ?? '', why);
}

/** PersistentVolumeClaimResize: only a class that allows it lets claims grow, once they are bound. Throws 403. */
export function checkResize({ draft, old, target, context }: Admission): void {
  if (old === undefined || !grows(draft, old)) return;
  const name = draft.metadata.name ?? '';
  if (textAt(old, 'status', 'phase') !== 'Bound') {
    throw forbiddenError(target.resource, name, 'Only bound persistent volume claims can be expanded');
  }
  const className = textAt(draft, 'spec', 'storageClassName') ?? '';
  const found = context.lookup('storageclasses.storage.k8s.io', '', className);
  if (found?.['allowVolumeExpansion'] === true) return;
  const why =
    'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize';
  throw forbiddenError(target.resource, name, why);
}

function grows(draft: KubeObject, old: KubeObject): boolean {
  const [now, before] = [draft, old].map(
    (one) => textAt(one, 'spec', 'resources', 'requests', 'storage') ?? '0',
  );
  return nanoOf(now ?? '0') > nanoOf(before ?? '0');
}
