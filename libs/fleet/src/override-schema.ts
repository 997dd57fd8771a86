import { isJsonObject, type Json } from '@meridian/manifests';
import { z } from 'zod';
import { helmValues } from './helm-schema.ts';
import { repoPath } from './repo-path.ts';
import type { SchemaIssue } from './schema-issue.ts';

/** What one document may ask for. Rendering bounds the rest: objects, bytes, time and memory. */
const most = {
  overrides: 100,
  entries: 100,
  patchCharacters: 64 * 1024,
  valuesCharacters: 64 * 1024,
  textCharacters: 1024,
};

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
    helm: z
      .strictObject({
        values: helmValues.describe(
          'Values that win over those of spec.source.helm and of earlier overrides; null takes one away.',
        ),
      })
      .exactOptional()
      .describe('For the chart of spec.source.helm.'),
  });
  return z
    .array(override)
    .max(most.overrides)
    .optional()
    .describe(
      'Changes on top of the overlay in the clusters that are selected, in this order; each is like a kustomization with these fields.',
    );
}

/** Mistakes in overrides that a schema cannot say: patches with both or neither of patch and path, overrides of nothing, values without a chart, variables that are off. */
export function overrideIssues(kind: string, document: Json): SchemaIssue[] {
  const source = kind === 'Application' ? within(within(document, 'spec'), 'source') : undefined;
  const overrides = within(source, 'overrides');
  if (!Array.isArray(overrides)) return [];
  const hasVariables = within(source, 'variables') === true;
  const hasChart = within(source, 'helm') !== undefined;
  return (overrides as readonly Json[]).flatMap((override, index) => {
    const path = ['spec', 'source', 'overrides', index];
    return [
      ...emptiness(override, path),
      ...valuesIssues(within(override, 'helm'), hasChart, [...path, 'helm']),
      ...patchesOf(override).flatMap((patch, at) => patchIssues(patch, [...path, 'patches', at])),
      ...(hasVariables ? [] : idleVariables(override, path)),
    ];
  });
}

type Path = readonly (string | number)[];

function emptiness(override: Json, path: Path): SchemaIssue[] {
  if (!isJsonObject(override)) return [];
  const changes = Object.entries(override).filter(([key]) => key !== 'clusters');
  if (changes.some(([, value]) => !isEmpty(value))) return [];
  const fix = 'add patches, images, replicas or helm.values to it';
  return [{ path, message: 'the override changes nothing', fix }];
}

function isEmpty(value: Json): boolean {
  if (Array.isArray(value)) return value.length === 0;
  const values = within(value, 'values');
  return isJsonObject(values) && Object.keys(values).length === 0;
}

function valuesIssues(helm: Json | undefined, hasChart: boolean, path: Path): SchemaIssue[] {
  if (helm === undefined) return [];
  if (!hasChart) {
    const message = 'the override has values, and the application has no chart in spec.source.helm';
    const fix = 'patch its objects instead; charts of a kustomization take their values from an overlay';
    return [{ path, message, fix }];
  }
  if (JSON.stringify(helm).length <= most.valuesCharacters) return [];
  const message = `the values are longer than ${most.valuesCharacters} characters`;
  return [{ path: [...path, 'values'], message, fix: 'put them into a file of valuesFiles' }];
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
