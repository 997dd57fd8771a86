import type { Cluster, HelmSource } from '@meridian/fleet';
import { fieldText, type Json } from '@meridian/manifests';
import { refuseVariable, replacedText, type Subject } from '../overrides/variables.ts';

type Values = HelmSource['values'];
type Path = readonly (string | number)[];

/**
 * Values with the variables of a cluster replaced in their texts, so that templates see what the cluster gets and may compute
 * with it; as they are where variables are off. What is escaped stays so until variables are replaced in the objects.
 */
export function filledValues(
  { values, path }: { readonly values: Values; readonly path: Path },
  { file, cluster }: { readonly file: string; readonly cluster: Cluster | undefined },
): Values {
  if (!cluster) return values;
  const placeOf = (at: Path) => ({ file, field: fieldText(at) });
  return filledFields(values, path, { cluster, placeOf, keepsEscapes: true });
}

function filledFields(values: Values, path: Path, subject: Subject): Values {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => {
      refuseVariable(key, path, subject);
      return [key, filled(value, [...path, key], subject)];
    }),
  );
}

function filled(value: Json, path: Path, subject: Subject): Json {
  if (typeof value === 'string') return replacedText(value, path, subject);
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((item, index) => filled(item, [...path, index], subject));
  return filledFields(value, path, subject);
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
