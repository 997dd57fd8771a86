import { dnsLabelProblems, subdomainProblems } from '@meridian/cel';
import { forbidden, GoText, invalid, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { unifiedDiff } from '../../errors/unified-diff.ts';
import { draftOf, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { goInternalLines } from '../../schema/go-internal.ts';
import { nanoOf } from '../policy/quantities.ts';
import { choice } from '../validation/pod/forms.ts';
import { optionalForm, textIn } from '../validation/go-fields.ts';
import { labelSelectorErrors } from '../validation/selector-errors.ts';
import { accessModeValueErrors, presenceErrors, volumeModes } from './access-modes.ts';

/** What is wrong with a claim of a volume. */
export function claimErrors(claim: KubeObject): FieldError[] {
  const spec = objectAt(claim, 'spec') ?? {};
  return [
    ...presenceErrors(spec, 'at least 1 access mode is required'),
    ...labelSelectorErrors(objectAt(spec, 'selector'), 'spec.selector'),
    ...accessModeValueErrors(spec),
    ...sizeErrors(spec),
    ...optionalForm(textIn(spec, 'storageClassName'), 'spec.storageClassName', subdomainProblems),
    ...choice(spec['volumeMode'], 'spec.volumeMode', volumeModes),
    ...['dataSource', 'dataSourceRef'].flatMap((field) => referenceErrors(spec, field)),
    ...sourcesErrors(spec),
    ...optionalForm(
      textIn(spec, 'volumeAttributesClassName'),
      'spec.volumeAttributesClassName',
      subdomainProblems,
    ),
  ];
}

function sizeErrors(spec: JsonObject): FieldError[] {
  const size = textAt(spec, 'resources', 'requests', 'storage');
  const path = 'spec.resources[storage]';
  if (size === undefined) return [required(path)];
  return nanoOf(size) > 0n ? [] : [invalid(path, size, 'must be greater than zero')];
}

function referenceErrors(spec: JsonObject, field: string): FieldError[] {
  const reference = objectAt(spec, field);
  if (reference === undefined) return [];
  const path = `spec.${field}`;
  const [group, kind] = [textIn(reference, 'apiGroup'), textIn(reference, 'kind')];
  const ownKind = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
  return [
    ...['name', 'kind']
      .filter((part) => textIn(reference, part) === '')
      .map((part) => required(`${path}.${part}`)),
    ...(group === '' && kind !== 'PersistentVolumeClaim' ? [invalid(path, kind, ownKind)] : []),
    ...optionalForm(group, `${path}.apiGroup`, subdomainProblems),
    ...optionalForm(textIn(reference, 'namespace'), `${path}.namespace`, dnsLabelProblems),
  ];
}

/** The older field says the same as the newer one, or nothing. */
function sourcesErrors(spec: JsonObject): FieldError[] {
  const [older, newer] = [objectAt(spec, 'dataSource'), objectAt(spec, 'dataSourceRef')];
  if (older === undefined || newer === undefined) return [];
  const shown = new GoText('"spec.dataSource"');
  if (textIn(newer, 'namespace') !== '') {
    return [invalid('spec', shown, 'may not be specified when dataSourceRef.namespace is specified')];
  }
  const same = ['apiGroup', 'kind', 'name'].every((part) => textIn(older, part) === textIn(newer, part));
  return same ? [] : [invalid('spec', shown, 'must match dataSourceRef')];
}

const classAnnotation = 'volume.beta.kubernetes.io/storage-class';
const onlyBound =
  'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims';

/** What of a claim may not change as it did: most of it, but for the size of one that is bound. */
export function claimChange(claim: KubeObject, old: KubeObject): FieldError[] {
  const [before, after] = comparable(claim, old);
  const lines = (spec: JsonObject) => goInternalLines(spec, 'core.PersistentVolumeClaimSpec');
  const errors = goEqual(before, after)
    ? []
    : [forbidden('spec', `${onlyBound}\n${unifiedDiff(lines(before), lines(after))}`)];
  const mode = textAt(claim, 'spec', 'volumeMode');
  return [
    ...annotationChange(claim, old),
    ...errors,
    ...shrinkErrors(claim, old),
    ...(mode === textAt(old, 'spec', 'volumeMode')
      ? []
      : [invalid('volumeMode', mode ?? null, 'field is immutable')]),
  ];
}

/** Both specifications without what may differ. */
function comparable(claim: KubeObject, old: KubeObject): readonly [JsonObject, JsonObject] {
  const before = draftOf(objectAt(old, 'spec') ?? {});
  const after = draftOf(objectAt(claim, 'spec') ?? {});
  const name = after['volumeName'];
  if (textIn(before, 'volumeName') === '' && name !== undefined) before['volumeName'] = name;
  if (mayTakeClass(claim, old) && after['storageClassName'] !== undefined) {
    before['storageClassName'] = after['storageClassName'];
  }
  if (textAt(claim, 'status', 'phase') === 'Bound') {
    const [size, asked] = [
      textAt(before, 'resources', 'requests', 'storage'),
      objectAt(after, 'resources', 'requests'),
    ];
    if (asked !== undefined && size !== undefined) asked['storage'] = size;
    after['volumeAttributesClassName'] = before['volumeAttributesClassName'];
  }
  return [before, after];
}

/** A claim that named no class may get one, once. */
function mayTakeClass(claim: KubeObject, old: KubeObject): boolean {
  const annotated = old.metadata.annotations?.[classAnnotation];
  const name = textAt(claim, 'spec', 'storageClassName');
  const before = textAt(old, 'spec', 'storageClassName');
  return name !== undefined && before === undefined && (annotated === undefined || annotated === name);
}

function annotationChange(claim: KubeObject, old: KubeObject): FieldError[] {
  const [now, before] = [claim, old].map(({ metadata }) => metadata.annotations?.[classAnnotation] ?? '');
  const moved = before !== '' && textAt(claim, 'spec', 'storageClassName') === before;
  if (now === before || moved) return [];
  return [invalid(`metadata.annotations[${classAnnotation}]`, now, 'field is immutable')];
}

function shrinkErrors(claim: KubeObject, old: KubeObject): FieldError[] {
  const size = (object: KubeObject, ...path: readonly string[]) =>
    nanoOf(textAt(object, ...path, 'storage') ?? '0');
  const asked = size(claim, 'spec', 'resources', 'requests');
  if (asked >= size(old, 'spec', 'resources', 'requests')) return [];
  if (asked > size(old, 'status', 'capacity')) return [];
  return [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')];
}

/** What a client is warned of in a claim. */
export function claimWarnings(claim: KubeObject): string[] {
  const old = claim.metadata.annotations?.[classAnnotation];
  const whole = (amount: string) => nanoOf(amount) % 1_000_000_000n === 0n;
  return [
    ...(old === undefined
      ? []
      : [
          `metadata.annotations[${classAnnotation}]: deprecated since v1.8; use "storageClassName" attribute instead`,
        ]),
    ...['requests', 'limits'].flatMap((field) => {
      const amount = textAt(claim, 'spec', 'resources', field, 'storage');
      return amount === undefined || whole(amount)
        ? []
        : [
            `spec.resources.${field}[storage]: fractional byte value "${amount}" is invalid, must be an integer`,
          ];
    }),
  ];
}

/** Writes where a claim's content comes from into both fields for it, and drops what the older one cannot say. */
export function settleSources(spec: JsonObject, old: JsonObject | undefined): void {
  const used = ['dataSource', 'dataSourceRef'].some((field) => old?.[field] !== undefined);
  const [older, newer] = [objectAt(spec, 'dataSource'), objectAt(spec, 'dataSourceRef')];
  if (!used && textIn(newer, 'namespace') !== '') delete spec['dataSourceRef'];
  else if (newer !== undefined) spec['dataSource'] = older ?? draftOf(newer);
  else if (older !== undefined) settleOlder(spec, older, used);
}

function settleOlder(spec: JsonObject, older: JsonObject, used: boolean): void {
  if (used || isUsualSource(older)) spec['dataSourceRef'] = draftOf(older);
  else delete spec['dataSource'];
}

function isUsualSource(source: JsonObject): boolean {
  const [group, kind] = [textIn(source, 'apiGroup'), textIn(source, 'kind')];
  if (group === '') return kind === 'PersistentVolumeClaim';
  return group === 'snapshot.storage.k8s.io' && kind === 'VolumeSnapshot';
}
