import {
  allLabelSpecs,
  annotationSpecs,
  namespaceSpecs,
  ownLabelSpecs,
  replicaSpecs,
  selects,
  templateLabelSpecs,
  visitField,
  type FieldSpec,
} from './field-specs.ts';
import type { ImageFields, Kustomization } from './kustomization.ts';
import type { Target } from './patches.ts';
import { refuse } from './refusal.ts';
import {
  allIdsOf,
  gvkOf,
  idKey,
  idOf,
  idText,
  isClusterWide,
  metadataOf,
  originalIdOf,
  rememberId,
  setName,
  type Resource,
} from './resource.ts';
import { ensureFields, fieldOf, isAllowedKey, isFields, textOf, type Fields, type Value } from './value.ts';

/** Puts every namespaced object, and what names a namespace in others, into `namespace`. */
export function applyNamespace({ kustomization, accumulation }: Target): void {
  const { namespace } = kustomization.fields;
  if (namespace === undefined || namespace === '') return;
  const seen = new Map<string, Resource>();
  for (const resource of accumulation.resources) {
    rememberId(resource);
    const gvk = gvkOf(resource.fields);
    if (!isClusterWide(gvk)) metadataOf(resource)['namespace'] = namespace;
    setAt(resource, namespaceSpecs, (holder, key) => (holder[key] = namespace));
    if (gvk.kind === 'RoleBinding' || gvk.kind === 'ClusterRoleBinding')
      moveDefaultSubjects(resource.fields, namespace);
  }
  for (const resource of accumulation.resources) {
    const key = idKey(idOf(resource));
    const first = seen.get(key);
    if (first) {
      const message = `the namespace ${namespace} makes ${idText(idOf(resource))} of ${resource.origin.file} and ${first.origin.file} the same`;
      refuse({ ...kustomization.at('namespace'), field: 'namespace', message, fix: 'rename one of the two' });
    }
    seen.set(key, resource);
  }
  accumulation.changed();
}

/** The service account `default` is in every namespace, so it follows; others follow as name references. */
function moveDefaultSubjects(fields: Fields, namespace: string): void {
  const subjects = fieldOf(fields, 'subjects');
  if (!Array.isArray(subjects)) return;
  for (const subject of subjects) {
    if (isFields(subject) && subject['name'] === 'default') subject['namespace'] = namespace;
  }
}

function setAt(
  resource: Resource,
  specs: readonly FieldSpec[],
  visit: (holder: Fields, key: string) => void,
): void {
  const gvk = gvkOf(resource.fields);
  for (const spec of specs) {
    if (selects(spec, gvk)) visitField(resource.fields, spec.path, spec.create ?? false, visit);
  }
}

const keepTheirNames: ReadonlySet<string> = new Set(['CustomResourceDefinition', 'APIService', 'Namespace']);

/** Puts a prefix or a suffix on every name that other objects do not know from outside. */
export function applyAffixes({ kustomization, accumulation }: Target): void {
  const { namePrefix = '', nameSuffix = '' } = kustomization.fields;
  for (const [prefix, suffix] of [
    [namePrefix, ''],
    ['', nameSuffix],
  ] as const) {
    if (prefix === '' && suffix === '') continue;
    for (const resource of accumulation.resources) {
      if (keepTheirNames.has(originalIdOf(resource).kind)) continue;
      rememberId(resource);
      if (prefix !== '') resource.prefixes.push(prefix);
      if (suffix !== '') resource.suffixes.push(suffix);
      setName(resource, `${prefix}${idOf(resource).name}${suffix}`);
    }
    accumulation.changed();
  }
}

/** The `labels` and then the `commonLabels` of a kustomization. */
export function applyLabels({ kustomization, accumulation }: Target): void {
  checkLabelFields(kustomization);
  const { labels = [], commonLabels } = kustomization.fields;
  for (const { pairs = {}, includeSelectors = false, includeTemplates = false, fields = [] } of labels) {
    const specs = includeSelectors ? allLabelSpecs : includeTemplates ? templateLabelSpecs : ownLabelSpecs;
    const own = fields.map(({ path, ...rest }) => ({ ...rest, path: (path ?? '').split('/') }));
    addPairs(accumulation.resources, [...own, ...specs], pairs);
  }
  if (commonLabels) addPairs(accumulation.resources, allLabelSpecs, commonLabels);
}

function checkLabelFields(kustomization: Kustomization): void {
  for (const [index, { fields = [] }] of (kustomization.fields.labels ?? []).entries()) {
    for (const [at, { path = '' }] of fields.entries()) {
      if (path !== '' && path.split('/').every((step) => isAllowedKey(step.replace(/\[\]$/, '')))) continue;
      const place = {
        ...kustomization.at('labels', index, 'fields', at),
        field: `labels[${index}].fields[${at}]`,
      };
      refuse({
        ...place,
        message: `the path ${JSON.stringify(path)} cannot be used`,
        fix: 'write a path such as spec/template/metadata/labels',
      });
    }
  }
}

/** The `commonAnnotations` of a kustomization. */
export function applyAnnotations({ kustomization, accumulation }: Target): void {
  const { commonAnnotations } = kustomization.fields;
  if (commonAnnotations) addPairs(accumulation.resources, annotationSpecs, commonAnnotations);
}

function addPairs(
  resources: readonly Resource[],
  specs: readonly FieldSpec[],
  pairs: { readonly [key: string]: string },
): void {
  if (Object.keys(pairs).length === 0) return;
  for (const resource of resources) {
    setAt(resource, specs, (holder, key) => {
      Object.assign(ensureFields(holder, key), pairs);
    });
  }
}

/** The `replicas` of a kustomization, by original or present name. */
export function applyReplicas({ kustomization, accumulation }: Target): void {
  for (const [index, { name, count }] of (kustomization.fields.replicas ?? []).entries()) {
    let found = false;
    for (const resource of accumulation.resources) {
      const spec = replicaSpecs.find((each) => selects(each, gvkOf(resource.fields)));
      if (!spec || !allIdsOf(resource).some((id) => id.name === name)) continue;
      found = true;
      visitField(resource.fields, spec.path, true, (holder, key) => (holder[key] = count ?? 0));
    }
    if (!found) {
      const message = `replicas names ${name ?? 'nothing'}, and no Deployment, ReplicaSet, ReplicationController or StatefulSet has that name`;
      refuse({
        ...kustomization.at('replicas', index),
        field: `replicas[${index}]`,
        message,
        fix: 'correct the name or remove the entry',
      });
    }
  }
}

/** The `images` of a kustomization, in every list called containers or initContainers of any object but a CRD. */
export function applyImages({ kustomization, accumulation }: Target): void {
  for (const image of kustomization.fields.images ?? []) {
    for (const { fields } of accumulation.resources) {
      if (fields['kind'] !== 'CustomResourceDefinition') changeImages(fields, image);
    }
  }
}

function changeImages(value: Value, image: ImageFields): void {
  if (Array.isArray(value)) {
    for (const item of value) changeImages(item, image);
  } else if (isFields(value)) {
    for (const [key, field] of Object.entries(value)) {
      if ((key === 'containers' || key === 'initContainers') && Array.isArray(field))
        field.forEach((each) => changeImage(each, image));
      changeImages(field, image);
    }
  }
}

function changeImage(container: Value, image: ImageFields): void {
  if (!isFields(container)) return;
  const old = splitImage(textOf(fieldOf(container, 'image')));
  if (old.name === '' || old.name !== image.name) return;
  const { newName = '', newTag = '', digest = '' } = image;
  const kept = newTag === '' && digest === '' ? old : { tag: newTag, digest };
  container['image'] = joinImage({
    name: newName === '' ? old.name : newName,
    tag: kept.tag,
    digest: kept.digest,
  });
}

interface ImageParts {
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
}

function joinImage({ name, tag, digest }: ImageParts): string {
  return `${name}${tag === '' ? '' : `:${tag}`}${digest === '' ? '' : `@${digest}`}`;
}

function splitImage(image: string): ImageParts {
  const [reference = '', digest = ''] = image.split('@', 2);
  const colon = reference.lastIndexOf(':');
  if (colon <= reference.lastIndexOf('/')) return { name: reference, tag: '', digest };
  return { name: reference.slice(0, colon), tag: reference.slice(colon + 1), digest };
}
