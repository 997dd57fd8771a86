import { dnsLabelProblems, parseQuantity, subdomainProblems } from '@meridian/cel';
import { forbidden, invalid, notSupported, required } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { itemsAt, jsonEqual, objectAt, textAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import { choice, formed, formedIfAny, given, textOf } from './pod/forms.ts';
import { labelSelectorErrors } from './selector-errors.ts';

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'];

/** What is wrong with the spec of a claim to a volume at a path (ValidatePersistentVolumeClaimSpec of pkg/apis/core/validation). */
export function claimSpecErrors(spec: JsonObject, path: string): FieldError[] {
  return [
    ...modeErrors(spec, `${path}.accessModes`),
    ...storageErrors(spec, `${path}.resources[storage]`),
    ...formedIfAny(textOf(spec, 'storageClassName'), `${path}.storageClassName`, subdomainProblems),
    ...choice(spec['volumeMode'], `${path}.volumeMode`, ['Block', 'Filesystem']),
    ...sourceErrors(spec, path),
    ...formedIfAny(
      textOf(spec, 'volumeAttributesClassName'),
      `${path}.volumeAttributesClassName`,
      subdomainProblems,
    ),
  ];
}

function modeErrors(spec: JsonObject, path: string): FieldError[] {
  const modes = itemsAt(spec, 'accessModes').map(String);
  const known = modes.filter((mode) => accessModes.includes(mode));
  const mixed = known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod');
  return [
    ...(modes.length === 0 ? [required(path, 'at least 1 access mode is required')] : []),
    ...labelSelectorErrors(objectAt(spec, 'selector'), path.replace(/accessModes$/, 'selector')),
    ...modes
      .filter((mode) => !accessModes.includes(mode))
      .map((mode) => notSupported(path, mode, accessModes)),
    ...(mixed ? [forbidden(path, 'may not use ReadWriteOncePod with other access modes')] : []),
  ];
}

function storageErrors(spec: JsonObject, path: string): FieldError[] {
  const amount = textAt(spec, 'resources', 'requests', 'storage');
  if (amount === undefined) return [required(path)];
  return (parseQuantity(amount)?.nano ?? 0n) > 0n ? [] : [invalid(path, amount, 'must be greater than zero')];
}

function sourceErrors(spec: JsonObject, path: string): FieldError[] {
  const source = objectAt(spec, 'dataSource');
  const reference = objectAt(spec, 'dataSourceRef');
  return [
    ...(source === undefined ? [] : referenceErrors(source, `${path}.dataSource`)),
    ...(reference === undefined
      ? []
      : [
          ...referenceErrors(reference, `${path}.dataSourceRef`),
          ...formedIfAny(textOf(reference, 'namespace'), `${path}.dataSourceRef.namespace`, dnsLabelProblems),
        ]),
    ...sourceClash(source, reference, path),
  ];
}

function sourceClash(
  source: JsonObject | undefined,
  reference: JsonObject | undefined,
  path: string,
): FieldError[] {
  if (source === undefined || reference === undefined) return [];
  const elsewhere = textOf(reference, 'namespace') !== '';
  if (elsewhere) {
    const why = 'may not be specified when dataSourceRef.namespace is specified';
    return [invalid(path, {}, why)];
  }
  const same = ['apiGroup', 'kind', 'name'].every((field) => jsonEqual(source[field], reference[field]));
  return same ? [] : [invalid(path, {}, 'must match dataSourceRef')];
}

function referenceErrors(reference: JsonObject, path: string): FieldError[] {
  const [group, kind, name] = ['apiGroup', 'kind', 'name'].map((field) => textOf(reference, field));
  const errors = [...given(name ?? '', `${path}.name`), ...given(kind ?? '', `${path}.kind`)];
  if (group !== undefined && group !== '')
    return [...errors, ...formed(group, `${path}.apiGroup`, subdomainProblems)];
  if (kind === 'PersistentVolumeClaim') return errors;
  const why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup";
  return [...errors, invalid(path, kind, why)];
}
