import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { tempDir } from '@meridian/testkit';
import { expect, test } from 'vitest';

const program = resolve(import.meta.dirname, '../../bin/resolve.ts');
const names = Array.from({ length: 12 }, (_, index) => `c${index}`);

const clusterText = (name: string) =>
  `apiVersion: meridian.dev/v1alpha1\nkind: Cluster\nmetadata: { name: ${name}, labels: { region: ${name} } }\n`;
const applicationText = (name: string) => `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  source: { path: applications/${name}, overlays: ['overlays/{region}', base] }
  placement: {}
  namespace: ml
  rolloutStrategy: plain
`;
const strategy = `apiVersion: meridian.dev/v1alpha1
kind: RolloutStrategy
metadata: { name: plain }
spec: { stages: [{ name: all, clusters: {} }] }
`;
/** What might follow a locale or a time zone: names in many scripts, dates, floating point, hashes, generated names. */
const base = {
  'kustomization.yaml': `resources: [maps.yaml]
configMapGenerator:
  - name: settings
    literals: ['İstanbul=ı', 'date=2026-03-29', 'Zz=1', 'aa=2', 'ß=3', 'å=4']
commonLabels: { team: ml }
`,
  'maps.yaml': `apiVersion: v1
kind: ConfigMap
metadata: { name: i, annotations: { at: "2026-03-29T02:30:00Z", İ: x, ı: y, z: '1', Ä: '2' } }
data: { b: '1.10', a: '1e3', Z: '0x1F', ä: ü }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: a }
`,
};
const overlay = (name: string) =>
  `resources: [../../base]\nnamePrefix: ${name}-\nconfigMapGenerator:\n  - name: settings\n    behavior: merge\n    literals: [region=${name}]\n`;

const documents: { readonly [path: string]: string } = {
  'fleet/strategy.yaml': strategy,
  ...Object.fromEntries(['web', 'sync'].map((name) => [`fleet/${name}.yaml`, applicationText(name)])),
};
const sources: { readonly [path: string]: string } = Object.fromEntries(
  ['web', 'sync'].flatMap((name) => [
    ...Object.entries(base).map(([file, text]) => [`applications/${name}/base/${file}`, text]),
    ...names.map((each) => [`applications/${name}/overlays/${each}/kustomization.yaml`, overlay(each)]),
  ]),
);

/** Commits files one after the other in the order given, and gives the commit. */
function commit(dir: string, files: readonly (readonly [path: string, text: string])[]): string {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', dir, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      encoding: 'utf8',
      env: { ...process.env, GIT_AUTHOR_DATE: '1700000000 +0000', GIT_COMMITTER_DATE: '1700000000 +0000' },
    }).trim();
  mkdirSync(dir);
  git('init', '-q', '-b', 'main');
  for (const [path, text] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  git('add', '-A');
  git('commit', '-q', '-m', 'state');
  return git('rev-parse', 'HEAD');
}

interface Told {
  readonly bundles: number;
  readonly digests: readonly string[];
  readonly problems: readonly unknown[];
}

/** The commit resolved by a hub's resolver in a process of its own. */
async function resolved(
  args: readonly string[],
  environment: { readonly [name: string]: string },
): Promise<Told> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args], {
    env: { ...process.env, ...environment },
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout.trim()) as Told;
}

test('the same files give the same digests, whatever the process, its threads, its locale and its time zone', async () => {
  await using dir = await tempDir('determinism');
  const clusters = (order: readonly string[]) =>
    [['fleet/clusters.yaml', order.map(clusterText).join('---\n')]] as const;
  const files = Object.entries({ ...documents, ...sources });
  const one = commit(join(dir.path, 'one'), [...clusters(names), ...files]);
  const same = commit(join(dir.path, 'same'), [...files.toReversed(), ...clusters(names)]);
  expect(same).toBe(one);
  const [first, second] = await Promise.all([
    resolved([join(dir.path, 'one'), join(dir.path, 'm1'), '1', one], { TZ: 'UTC', LC_ALL: 'C', LANG: 'C' }),
    resolved([join(dir.path, 'same'), join(dir.path, 'm2'), '2', same], {
      TZ: 'Pacific/Chatham',
      LC_ALL: 'tr_TR.UTF-8',
      LANG: 'tr_TR.UTF-8',
    }),
  ]);
  expect(first).toMatchObject({ bundles: 24, problems: [] });
  expect(first.digests).toHaveLength(2);
  expect(second.digests).toEqual(first.digests);
}, 180_000);
