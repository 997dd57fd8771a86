import { forbidden, invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { unifiedDiff } from '../../errors/unified-diff.ts';
import { isObject, objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goEqual } from '../../schema/go-equal.ts';
import { goInternal } from '../../schema/go-internal.ts';
import { volumeErrors } from './volume-errors.ts';
import { volumeSources } from './volume-sources.ts';

/** What of a volume may not change: where it is and how containers see it. All of the volume is looked at once more. */
export function volumeChange(volume: KubeObject, old: KubeObject): FieldError[] {
  const [spec, before] = [objectAt(volume, 'spec') ?? {}, objectAt(old, 'spec') ?? {}];
  return [
    ...volumeErrors(volume),
    ...(volumeSources.every((name) => goEqual(spec[name], before[name]))
      ? []
      : [
          forbidden(
            'spec.persistentvolumesource',
            `spec.persistentvolumesource is immutable after creation\n${unifiedDiff(sourceLines(before), sourceLines(spec))}`,
          ),
        ]),
    ...changed(spec, before, 'volumeMode'),
    ...(before['nodeAffinity'] === undefined ? [] : changed(spec, before, 'nodeAffinity')),
  ];
}

function changed(spec: JsonObject, before: JsonObject, field: string): FieldError[] {
  if (goEqual(spec[field], before[field])) return [];
  return [invalid(field, spec[field] ?? null, 'field is immutable')];
}

/** The source alone, as Go shows the part of the internal type that is one. */
function sourceLines(spec: JsonObject): string[] {
  const whole = goInternal(spec, 'core.PersistentVolumeSpec');
  const names: readonly string[] = volumeSources.map((name) => name.toLowerCase());
  const fields = Object.entries(isObject(whole) ? whole : {});
  const source = Object.fromEntries(fields.filter(([name]) => names.includes(name.toLowerCase())));
  return JSON.stringify(source, undefined, 1).split('\n');
}

/** What a client is warned of in a volume. */
export function volumeWarnings(volume: KubeObject): string[] {
  const annotation = 'volume.beta.kubernetes.io/storage-class';
  const old = volume.metadata.annotations?.[annotation];
  const recycled = objectAt(volume, 'spec')?.['persistentVolumeReclaimPolicy'] === 'Recycle';
  return [
    ...(old === undefined
      ? []
      : [
          `metadata.annotations[${annotation}]: deprecated since v1.8; use "storageClassName" attribute instead`,
        ]),
    ...(recycled
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : []),
  ];
}
