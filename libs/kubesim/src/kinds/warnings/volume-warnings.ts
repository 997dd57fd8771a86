import { goQuote } from '@meridian/cel';
import { isObject, objectAt, textAt } from '../../json.ts';
import type { Json, JsonObject } from '../../json.ts';
import { itemsWithPaths } from '../validation/checks.ts';
import { textOf } from '../validation/pod/forms.ts';
import { claimSpecWarnings } from './claim-warnings.ts';

/** Sources of volumes that are gone or going, each with the name that the server gives it. */
const deprecated: readonly (readonly [string, string, string])[] = [
  ['photonPersistentDisk', 'photonPersistentDisk', 'deprecated in v1.11, non-functional in v1.16+'],
  ['gitRepo', 'gitRepo', 'deprecated in v1.11, and disabled by default in v1.33+'],
  ['scaleIO', 'scaleIO', 'deprecated in v1.16, non-functional in v1.22+'],
  ['flocker', 'flocker', 'deprecated in v1.22, non-functional in v1.25+'],
  ['storageos', 'storageOS', 'deprecated in v1.22, non-functional in v1.25+'],
  ['quobyte', 'quobyte', 'deprecated in v1.22, non-functional in v1.25+'],
  ['glusterfs', 'glusterfs', 'deprecated in v1.25, non-functional in v1.26+'],
  ['ephemeral', 'ephemeral', ''],
  ['cephfs', 'cephfs', 'deprecated in v1.28, non-functional in v1.31+'],
  ['rbd', 'rbd', 'deprecated in v1.28, non-functional in v1.31+'],
];

/** What a server warns of the volumes of a pod: what is no longer there, and files that hide each other. */
export function volumeWarnings(volumes: Json | undefined, path: string): string[] {
  const placed = itemsWithPaths(volumes, path);
  return [
    ...placed.flatMap(([volume, at]) =>
      deprecated
        .filter(([source]) => isObject(volume[source]))
        .flatMap(([source, shown, words]) =>
          source === 'ephemeral' ? ephemeralWarnings(volume, at) : [`${at}.${shown}: ${words}`],
        ),
    ),
    ...placed.flatMap(([volume]) => overlapWarnings(volume)),
  ];
}

function ephemeralWarnings(volume: JsonObject, path: string): string[] {
  const spec = objectAt(volume, 'ephemeral', 'volumeClaimTemplate', 'spec');
  const at = `${path}.ephemeral.volumeClaimTemplate.spec`;
  return spec === undefined ? [] : claimSpecWarnings(spec, at);
}

/** A path in a volume, and what put it there. */
interface FilePath {
  readonly path: string;
  readonly source: string;
}

function overlapWarnings(volume: JsonObject): string[] {
  const name = goQuote(textOf(volume, 'name'));
  const plain = [
    ['configMap', 'name', 'ConfigMap'],
    ['secret', 'secretName', 'Secret'],
    ['downwardAPI', '', 'DownwardAPI'],
  ] as const;
  const found = plain.flatMap(([source, field, kind]) => {
    const object = objectAt(volume, source);
    const shown = field === '' ? kind : `${kind} ${goQuote(textOf(object, field))}`;
    return overlaps(filesOf(object, '')).map((words) => overlap(name, shown, words));
  });
  return [...found, ...projectedWarnings(volume, name)];
}

function overlap(volume: string, shown: string, words: string): string {
  return `volume ${volume} (${shown}): overlapping paths: ${words}`;
}

function filesOf(source: JsonObject | undefined, shown: string): FilePath[] {
  return itemsWithPaths(source?.['items'], '').map(([item]) => ({
    path: textOf(item, 'path'),
    source: shown,
  }));
}

function projectedWarnings(volume: JsonObject, name: string): string[] {
  const sources = itemsWithPaths(objectAt(volume, 'projected')?.['sources'], '').map(([source]) => source);
  const empty = sources.filter((source) => Object.keys(source).length === 0);
  return [
    ...empty.map(() => `volume ${name} (Projected) has no sources provided`),
    ...overlaps(sources.flatMap(projectedFiles)).map((words) => overlap(name, 'Projected', words)),
  ];
}

function projectedFiles(source: JsonObject): FilePath[] {
  const [configMap, secret, facts, token, bundle] = [
    'configMap',
    'secret',
    'downwardAPI',
    'serviceAccountToken',
    'clusterTrustBundle',
  ].map((kind) => objectAt(source, kind));
  if (configMap?.['items'] !== undefined) {
    return filesOf(configMap, `ConfigMap ${goQuote(textOf(configMap, 'name'))}`);
  }
  if (secret?.['items'] !== undefined) return filesOf(secret, `Secret ${goQuote(textOf(secret, 'name'))}`);
  if (facts?.['items'] !== undefined) return filesOf(facts, 'DownwardAPI');
  if (token !== undefined) return [{ path: textOf(token, 'path'), source: 'ServiceAccountToken' }];
  if (bundle === undefined) return [];
  const name = textAt(bundle, 'name') ?? textOf(bundle, 'signerName');
  return [{ path: textOf(bundle, 'path'), source: `ClusterTrustBundle ${goQuote(name)}` }];
}

function overlaps(files: readonly FilePath[]): string[] {
  const seen: FilePath[] = [];
  return files.flatMap((file) => {
    const trimmed = { ...file, path: file.path.replace(/\/+$/, '') };
    const found = seen.filter((other) => collide(trimmed.path, other.path));
    seen.push(trimmed);
    return found.map((other) => `${shown(trimmed)} with ${shown(other)}`);
  });
}

function collide(a: string, b: string): boolean {
  if (a === '' || b === '') return false;
  return `${a}/`.startsWith(`${b}/`) || `${b}/`.startsWith(`${a}/`);
}

function shown({ path, source }: FilePath): string {
  return source === '' ? goQuote(path) : `${goQuote(path)} (${source})`;
}
