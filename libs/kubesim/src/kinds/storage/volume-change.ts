import { forbidden, invalid } from '../../errors/field-error.ts';
import type { FieldError } from '../../errors/field-error.ts';
import { unifiedDiff } from '../../errors/unified-diff.ts';
import { isObject, jsonEqual, objectAt } from '../../json.ts';
import type { JsonObject } from '../../json.ts';
import type { KubeObject } from '../../kube-object.ts';
import { goInternal } from '../../schema/go-internal.ts';
import { volumeSources } from './volume-sources.ts';

/** What of a volume may not change: where it is and how containers see it. */
export function volumeChange(volume: KubeObject, old: KubeObject): FieldError[] {
  const [spec, before] = [objectAt(volume, 'spec') ?? {}, objectAt(old, 'spec') ?? {}];
  const [is, was] = [sourceLines(spec), sourceLines(before)];
  return [
    ...(jsonEqual(is, was)
      ? []
      : [
          forbidden(
            'spec.persistentvolumesource',
            `spec.persistentvolumesource is immutable after creation\n${unifiedDiff(was, is)}`,
          ),
        ]),
    ...changed(spec, before, 'volumeMode'),
    ...(before['nodeAffinity'] === undefined ? [] : changed(spec, before, 'nodeAffinity')),
  ];
}

function changed(spec: JsonObject, before: JsonObject, field: string): FieldError[] {
  if (jsonEqual(spec[field], before[field])) return [];
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
