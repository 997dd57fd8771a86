import { isJsonObject, type Json } from '@meridian/manifests';
import { z } from 'zod';
import { repoPath } from './repo-path.ts';
import type { SchemaIssue } from './schema-issue.ts';

/** What one document may ask for. Rendering bounds the rest: objects, bytes, time and memory. */
const most = { overrides: 100, entries: 100, patchCharacters: 64 * 1024, textCharacters: 1024 };

const text = z.string().min(1).max(most.textCharacters);

const target = z
  .strictObject({
    group: text.exactOptional(),
    version: text.exactOptional(),
    kind: text.exactOptional(),
    name: text.exactOptional(),
    namespace: text.exactOptional(),
    labelSelector: text.exactOptional(),
    annotationSelector: text.exactOptional(),
  })
  .describe('Which objects, as in a kustomization: patterns that must fit the whole text. It must fit one.');

const image = z.strictObject({
  name: text.describe('Name of the image in the objects, without tag and digest.'),
  newName: text.exactOptional(),
  newTag: text.exactOptional(),
  tagSuffix: text.exactOptional(),
  digest: text.exactOptional(),
});

const replica = z.strictObject({
  name: text.describe('Name of a Deployment, StatefulSet, ReplicaSet or ReplicationController.'),
  count: z.number().int().min(0).max(100_000),
});

/** The schema of `spec.source.overrides`; `selector` is that of placements. */
export function overridesSchema<Selector extends z.ZodType>(selector: Selector) {
  const patch = z.strictObject({
    patch: z
      .string()
      .min(1)
      .max(most.patchCharacters)
      .exactOptional()
      .describe('An object to merge, or the operations of a JSON patch.'),
    path: repoPath.exactOptional().describe('File with the patch, below the path of the application.'),
    target: target.exactOptional(),
  });
  const override = z.strictObject({
    clusters: selector,
    patches: z.array(patch).max(most.entries).exactOptional(),
    images: z.array(image).max(most.entries).exactOptional(),
    replicas: z.array(replica).max(most.entries).exactOptional(),
  });
  return z
    .array(override)
    .max(most.overrides)
    .optional()
    .describe(
      'Changes on top of the overlay in the clusters that are selected, in this order; each is like a kustomization with these fields.',
    );
}

/** Mistakes in overrides that a schema cannot say: patches with both or neither of patch and path, overrides of nothing, variables that are off. */
export function overrideIssues(kind: string, document: Json): SchemaIssue[] {
  const source = kind === 'Application' ? within(within(document, 'spec'), 'source') : undefined;
  const overrides = within(source, 'overrides');
  if (!Array.isArray(overrides)) return [];
  const hasVariables = within(source, 'variables') === true;
  return (overrides as readonly Json[]).flatMap((override, index) => {
    const path = ['spec', 'source', 'overrides', index];
    return [
      ...emptiness(override, path),
      ...patchesOf(override).flatMap((patch, at) => patchIssues(patch, [...path, 'patches', at])),
      ...(hasVariables ? [] : idleVariables(override, path)),
    ];
  });
}

type Path = readonly (string | number)[];

function emptiness(override: Json, path: Path): SchemaIssue[] {
  if (!isJsonObject(override)) return [];
  const changes = Object.entries(override).filter(([key]) => key !== 'clusters');
  if (changes.some(([, value]) => !Array.isArray(value) || value.length > 0)) return [];
  return [{ path, message: 'the override changes nothing', fix: 'add patches, images or replicas to it' }];
}

function patchesOf(override: Json): readonly Json[] {
  const patches = within(override, 'patches');
  return Array.isArray(patches) ? (patches as readonly Json[]) : [];
}

function patchIssues(patch: Json, path: Path): SchemaIssue[] {
  const count = ['patch', 'path'].filter((key) => within(patch, key) !== undefined).length;
  if (!isJsonObject(patch) || count === 1) return [];
  const has = count === 0 ? 'neither patch nor path' : 'both patch and path';
  return [{ path, message: `the entry has ${has}`, fix: 'write one of the two' }];
}

const variable = /\$\{cluster\.[^}]*\}?/;

function idleVariables(value: Json, path: Path): SchemaIssue[] {
  if (typeof value === 'string') {
    const [found] = variable.exec(value) ?? [];
    if (found === undefined) return [];
    const fix = 'write variables: true in spec.source';
    return [{ path, message: `${found} stays as it is while variables are off`, fix }];
  }
  if (typeof value !== 'object' || value === null) return [];
  const isList = Array.isArray(value);
  return Object.entries(value).flatMap(([key, each]) =>
    idleVariables(each, [...path, isList ? Number(key) : key]),
  );
}

function within(value: Json | undefined, key: string): Json | undefined {
  return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}
