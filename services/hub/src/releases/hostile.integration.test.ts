import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openMirror } from '@meridian/git';
import { noCharts, RenderPool } from '@meridian/rendering';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReleases } from './releases.ts';
import type { RevisionReleases } from './releases.ts';

/** One commit with an application for each kind of attack, all the way from git through the rendering threads. */
const { signal } = new AbortController();
const pool = new RenderPool({ threads: 2, timeLimitMs: 60_000, memoryMb: 512 });
let root = '';
let set: RevisionReleases;

const listed = 'resources: [a.yaml]\n';
const map = 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n';
const bomb = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n',
  ...Array.from({ length: 9 }, (_, level) => {
    const aliases = Array.from({ length: 10 }, () => `*a${level}`).join(', ');
    return `a${level + 1}: &a${level + 1} [${aliases}]\n`;
  }),
].join('');
const wide = Array.from({ length: 3_000 }, (_, index) => `k${index}: 1`).join(', ');

interface Attack {
  readonly files: { readonly [path: string]: string | Uint8Array };
  /** Symlinks by their path, with what they point at. */
  readonly links?: { readonly [path: string]: string };
  readonly says: RegExp;
  /** The file that is named, below the directory of the application. */
  readonly file: string;
}

const resource = (text: string | Uint8Array, says: RegExp): Attack => ({
  files: { 'kustomization.yaml': listed, 'a.yaml': text },
  says,
  file: 'a.yaml',
});
const kustomization = (text: string, says: RegExp, more: Attack['files'] = {}): Attack => ({
  files: { 'kustomization.yaml': text, 'a.yaml': map, ...more },
  says,
  file: 'kustomization.yaml',
});

const attacks: { readonly [name: string]: Attack } = {
  'symlink-out': {
    files: { 'kustomization.yaml': 'resources: [link.yaml]\n' },
    links: { 'link.yaml': '/etc/passwd' },
    says: /symlink/,
    file: 'kustomization.yaml',
  },
  'symlink-dir': {
    files: { 'kustomization.yaml': 'resources: [link]\n' },
    links: { link: '../../..' },
    says: /symlink/,
    file: 'kustomization.yaml',
  },
  'symlink-generator': {
    files: { 'kustomization.yaml': 'configMapGenerator: [{ name: a, files: [link] }]\n' },
    links: { link: '/etc/passwd' },
    says: /symlink/,
    file: 'kustomization.yaml',
  },
  'path-out': kustomization('resources: [../../../../etc/passwd]\n', /leaves the repository/),
  'path-absolute': kustomization('resources: [/etc/passwd]\n', /absolute/),
  'patch-out': kustomization(`${listed}patches: [{ path: ../x.yaml }]\n`, /outside|does not exist/),
  'crds-out': kustomization(`${listed}crds: [../../fleet/web.yaml]\n`, /outside/),
  'openapi-out': kustomization(`${listed}openapi: { path: ../../fleet/web.yaml }\n`, /outside/),
  'configurations-out': kustomization(`${listed}configurations: [../../fleet/web.yaml]\n`, /outside/),
  'remote-base': kustomization('resources: ["ext::sh -c id"]\n', /remote base/),
  'metadata-address': kustomization('resources: ["http://169.254.169.254/latest"]\n', /remote base/),
  'alias-bomb': resource(map + bomb, /more than 500000 values/),
  'merge-keys': resource(
    `${map}x: &a {${wide}}\ny:\n${'- { <<: *a }\n'.repeat(3_000)}`,
    /merge keys copy more than 10000 keys/,
  ),
  'depth-flow': resource(`${map}x: ${'['.repeat(20_000)}`, /nests deeper than 100 levels/),
  'depth-block': resource(
    `${map}x:\n${Array.from({ length: 300 }, (_, depth) => `${' '.repeat(depth + 1)}a:\n`).join('')}`,
    /nests deeper than 100 levels/,
  ),
  'depth-json': resource(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, /nests deeper than 100 levels/),
  'documents-100000': resource('---\na: 1\n'.repeat(100_000), /more than 10000 documents/),
  'duplicate-keys': resource(`${map}data: { a: b, a: c }\n`, /there twice/),
  'prototype-yaml': resource(`${map}data: { __proto__: { polluted: yes } }\n`, /__proto__ is not allowed/),
  'prototype-json': resource('{"constructor":{"prototype":{"polluted":1}}}', /prototype is not allowed/),
  'prototype-patch': kustomization(
    `${listed}patches:\n- patch: '[{"op":"add","path":"/__proto__/polluted","value":1}]'\n  target: { kind: ConfigMap }\n`,
    /__proto__/,
  ),
  'invalid-utf-8': kustomization(listed, /not valid UTF-8/, {
    'a.yaml': Uint8Array.of(0x61, 0x3a, 0xff, 0xfe, 0x00),
  }),
  'bidi-name': resource(map.replace('name: a', 'name: "a\\u202Eb"'), /characters that no name may have/),
  'large-integer': resource(`${map}data: { a: 9007199254740993 }\n`, /beyond 2\^53/),
  cycle: {
    files: {
      'kustomization.yaml': 'resources: [b]\n',
      'b/kustomization.yaml': 'resources: [../../cycle]\n',
    },
    says: /cycle/,
    file: 'b/kustomization.yaml',
  },
  'unknown-field': kustomization(`${listed}resourcse: []\n`, /resourcse/),
  'reserved-namespace': resource(
    map.replace('name: a', 'name: a, namespace: kube-system'),
    /kube-system, which no application may change/,
  ),
  'vars-bomb': kustomization(
    `${listed}vars: [{ name: A, objref: { apiVersion: v1, kind: ConfigMap, name: a }, fieldref: { fieldpath: data.a } }]\nconfigurations: [c.yaml]\n`,
    /more than 16777216 characters/,
    {
      'c.yaml': 'varReference: [{ path: data, kind: ConfigMap }]\n',
      'a.yaml': `${map}data: { a: "${'$(A)'.repeat(100_000)}" }\n`,
    },
  ),
  'large-file': {
    files: { 'kustomization.yaml': listed, 'a.yaml': 'a'.repeat(17 * 1024 * 1024) },
    says: /17825792 bytes; at most 16777216/,
    file: 'kustomization.yaml',
  },
};

const cluster =
  'apiVersion: meridian.dev/v1alpha1\nkind: Cluster\nmetadata: { name: east, labels: { tier: prod } }\n';
const strategy =
  'apiVersion: meridian.dev/v1alpha1\nkind: RolloutStrategy\nmetadata: { name: plain }\nspec: { stages: [{ name: all, clusters: {} }] }\n';
const application = (name: string): string => `apiVersion: meridian.dev/v1alpha1
kind: Application
metadata: { name: ${name} }
spec:
  source: { path: applications/${name} }
  placement: { matchLabels: { tier: prod } }
  namespace: ml
  rolloutStrategy: plain
`;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meridian-hostile-'));
  const work = join(root, 'work');
  const put = (path: string, content: string | Uint8Array) => {
    mkdirSync(dirname(join(work, path)), { recursive: true });
    writeFileSync(join(work, path), content);
  };
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', work, '-c', 'user.name=Eve', '-c', 'user.email=eve@example.com', ...args], {
      stdio: 'pipe',
    });
  put('fleet/clusters.yaml', cluster);
  put('fleet/strategy.yaml', strategy);
  put('applications/web/kustomization.yaml', listed);
  put('applications/web/a.yaml', map);
  for (const name of ['web', ...Object.keys(attacks)]) put(`fleet/${name}.yaml`, application(name));
  for (const [name, { files, links = {} }] of Object.entries(attacks)) {
    for (const [path, content] of Object.entries(files)) put(`applications/${name}/${path}`, content);
    for (const [path, target] of Object.entries(links))
      symlinkSync(target, join(work, 'applications', name, path));
  }
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'attack');
  const mirror = await openMirror({ url: work, branch: 'main', dir: join(root, 'mirror') }, signal);
  const { revision } = await mirror.fetch(signal);
  const releases = createReleases({
    pool,
    charts: noCharts,
    tree: (commit, within) => mirror.tree(commit, within),
    fleetPath: 'fleet',
    patienceMs: 3_600_000,
  });
  set = await releases.at(revision, signal);
}, 300_000);
afterAll(async () => {
  await pool.close();
  rmSync(root, { recursive: true, force: true });
});

describe('a commit full of attacks', () => {
  test('releases the one application that is sound, and no other', () => {
    expect(set.released.map(({ release }) => release.application)).toEqual(['web']);
  });

  test.each(Object.keys(attacks))('freezes %s with file, cluster and reason', (name) => {
    const attack = attacks[name]!;
    const problems = set.problems.filter(({ application: at }) => at === name);
    expect(problems).toMatchObject([
      {
        cluster: 'east',
        file: `applications/${name}/${attack.file}`,
        message: expect.stringMatching(attack.says) as string,
      },
    ]);
    expect(problems[0]?.message.length).toBeLessThan(2_000);
  });

  test('leaves the prototype of objects alone', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});
