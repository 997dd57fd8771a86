import { isJsonObject, nearest, type Json } from '@meridian/manifests';
import { parseName } from './names.ts';
import { fleetSchemas, type FleetKind } from './schema.ts';

/** The name of a document; undefined when it has none that can be read. */
export function nameIn(value: Json): string | undefined {
  const metadata = isJsonObject(value) ? value['metadata'] : undefined;
  return isJsonObject(metadata) ? parseName(metadata['name']) : undefined;
}

/** The kind of a document, or the one that was probably meant; undefined when it is like none. */
export function kindIn(value: Json): { kind: FleetKind; misspelled: boolean } | undefined {
  const written = isJsonObject(value) ? value['kind'] : undefined;
  if (typeof written !== 'string') return undefined;
  const kinds = Object.keys(fleetSchemas) as FleetKind[];
  const exact = kinds.find((kind) => kind === written);
  if (exact) return { kind: exact, misspelled: false };
  const meant = kinds.find((kind) => kind === nearest(written, kinds));
  return meant && { kind: meant, misspelled: true };
}

/**
 * What a document of no known kind is taken for, so that no mistake in it releases anything: what does not say its kind may be a
 * cluster, and what calls itself some policy was meant to hold something, or something of health to judge it.
 */
export function takenFor(kind: Json | undefined): FleetKind {
  if (typeof kind !== 'string') return 'Cluster';
  if (/polic/i.test(kind)) return 'Policy';
  return /health/i.test(kind) ? 'HealthRule' : 'Application';
}
