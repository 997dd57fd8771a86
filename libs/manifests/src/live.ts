import type { LocatedManifests, LocatedObject } from './manifests.ts';
import { isJsonObject, listItems } from './manifests.ts';
import type { YamlLimits } from './limits.ts';
import { yamlLimits } from './limits.ts';
import type { Json, JsonObject, KubeObject } from './object.ts';
import { parseTree } from './parse.ts';
import type { YamlDocument } from './parse.ts';
import type { ManifestError } from './problem.ts';
import { fieldText } from './problem.ts';
import { manifestDialect } from './scalar.ts';

/** Reads as `kubectl` does: of a key that is there twice the last one counts. */
const dialect = { ...manifestDialect, repeated: 'last' } as const;

/**
 * The objects of a file as a cluster told them (`kubectl get -o yaml`): several documents, JSON, and `List`s in any depth.
 * They have been accepted somewhere, so more is taken than of manifests that are to be applied: names may be missing, fields
 * may be null. Each must be a mapping with `apiVersion` and `kind`; what is not is told with its line.
 */
export function parseLiveObjects(
  text: string,
  file: string,
  limits: YamlLimits = yamlLimits,
): LocatedManifests {
  const parsed = parseTree(text, file, { dialect, limits });
  if ('errors' in parsed) return parsed;
  const objects: LocatedObject[] = [];
  const errors: ManifestError[] = [];
  for (const document of parsed.documents)
    if (document.value !== null)
      collect(document, { value: document.value, path: [] }, { file, objects, errors });
  return errors.length > 0 ? { errors } : { objects };
}

interface Found {
  readonly value: Json;
  readonly path: readonly (string | number)[];
}

interface Collected {
  readonly file: string;
  readonly objects: LocatedObject[];
  readonly errors: ManifestError[];
}

function collect(document: Pick<YamlDocument, 'lineOf'>, { value, path }: Found, into: Collected): void {
  const items = listItems(value);
  if (items) {
    items.forEach((item, index) => collect(document, { value: item, path: [...path, 'items', index] }, into));
    return;
  }
  const line = document.lineOf(path);
  const object = isJsonObject(value) ? liveObject(value) : undefined;
  if (object) into.objects.push({ object, file: into.file, line });
  else
    into.errors.push({
      file: into.file,
      line,
      ...(path.length > 0 ? { field: fieldText(path) } : {}),
      message: 'a Kubernetes object must be a mapping with apiVersion and kind',
      fix: 'write objects as "kubectl get -o yaml" or "-o json" prints them',
    });
}

function liveObject(value: JsonObject): KubeObject | undefined {
  const { apiVersion, kind, metadata } = value;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || apiVersion === '' || kind === '')
    return undefined;
  return { ...value, apiVersion, kind, metadata: metadataOf(metadata) };
}

/** The fields of metadata that are of the kind that their readers expect; null and anything odd count as absent. */
function metadataOf(value: Json | undefined): KubeObject['metadata'] {
  const metadata = isJsonObject(value) ? value : {};
  const kept = Object.entries(metadata).filter(([name, field]) => isSound(name, field));
  const { name } = metadata;
  return { ...Object.fromEntries(kept), name: typeof name === 'string' ? name : '' };
}

const numbers = new Set(['generation']);
const maps = new Set(['labels', 'annotations']);
const textFields = new Set([
  'namespace',
  'creationTimestamp',
  'deletionTimestamp',
  'resourceVersion',
  'uid',
  'generateName',
]);

function isSound(name: string, field: Json): boolean {
  if (numbers.has(name)) return typeof field === 'number';
  if (textFields.has(name)) return typeof field === 'string';
  return maps.has(name) ? isJsonObject(field) : field !== null;
}
