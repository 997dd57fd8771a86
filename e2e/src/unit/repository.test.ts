import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { repositoryRoot } from '../runner/command.ts';

interface PackageJson {
  readonly name: string;
  readonly private?: boolean;
  readonly type?: string;
  readonly license?: string;
  readonly dependencies?: { readonly [name: string]: string };
  readonly devDependencies?: { readonly [name: string]: string };
  readonly nx?: { readonly tags?: readonly string[]; readonly targets?: object };
}

const layers = ['core', 'wire', 'platform', 'adapter', 'service', 'proof', 'test'];
const read = (path: string) => readFileSync(join(repositoryRoot, path), 'utf8');
const readPackage = (path: string) => JSON.parse(read(path)) as PackageJson;
const packageFiles = globSync(['{libs,services}/*/package.json', '{e2e,bench}/package.json'], {
  cwd: repositoryRoot,
}).sort();

describe('package-lock.json', () => {
  test('names no registry host', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: { [path: string]: { resolved?: string } };
    };
    const hosts = Object.values(lock.packages).flatMap(({ resolved }) =>
      resolved?.includes('//') ? [resolved] : [],
    );
    expect(hosts).toEqual([]);
  });

  test('has an entry for every optional package, without which npm ci refuses to install', () => {
    const lock = JSON.parse(read('package-lock.json')) as {
      packages: { [path: string]: { optionalDependencies?: { [name: string]: string } } };
    };
    const wanted = Object.values(lock.packages).flatMap((entry) =>
      Object.keys(entry.optionalDependencies ?? {}),
    );
    const present = new Set(Object.keys(lock.packages).map((path) => path.split('node_modules/').at(-1)));
    expect(wanted.filter((name) => !present.has(name))).toEqual([]);
  });

  test('knows every workspace package and no other', () => {
    const lock = JSON.parse(read('package-lock.json')) as { packages: { [path: string]: object } };
    const locked = Object.keys(lock.packages).filter((path) =>
      /^(libs|services)\/[^/]+$|^(e2e|bench)$/.test(path),
    );
    expect(locked.sort()).toEqual(packageFiles.map((path) => dirname(path)).sort());
  });
});

test('the type check of core covers exactly the packages of the core layer', () => {
  const cores = packageFiles.filter((path) => readPackage(path).nx?.tags?.includes('layer:core'));
  const sources = cores.map((path) => `${dirname(path)}/src`);
  const core = JSON.parse(read('libs/tsconfig.core.json')) as { include: string[] };
  const others = JSON.parse(read('tsconfig.json')) as { exclude: string[] };
  expect(core.include.map((path) => `libs/${path}`).sort()).toEqual(sources);
  expect(others.exclude.toSorted()).toEqual(sources);
});

describe('scripts of package.json', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: { [name: string]: string } };

  test('need no pre or post scripts, which npm skips where install scripts are off', () => {
    expect(Object.keys(scripts).filter((name) => /^(pre|post)/.test(name))).toEqual([]);
  });

  test.each(['start', 'test', 'verify', 'parts', 'bench'])(
    '%s prepares a fresh clone, then looks for node again',
    (name) => {
      expect(scripts[name]).toMatch(/^node services\/sandbox\/bin\/prepare\.mjs && exec env node /);
    },
  );
});

describe.each(packageFiles)('%s', (path) => {
  const manifest = readPackage(path);
  const tags = manifest.nx?.tags ?? [];

  test('has one known layer and one scope', () => {
    expect(tags.filter((tag) => layers.some((layer) => tag === `layer:${layer}`))).toHaveLength(1);
    expect(tags.filter((tag) => tag.startsWith('scope:'))).toHaveLength(1);
    expect(tags).toHaveLength(2);
  });

  test('takes part in lint and in the type check', () => {
    expect(Object.keys(manifest.nx?.targets ?? {})).toEqual(expect.arrayContaining(['lint', 'typecheck']));
  });

  test('is private, is a module, and has the licence of the repository', () => {
    expect(manifest).toMatchObject({
      private: true,
      type: 'module',
      license: readPackage('package.json').license,
    });
  });

  test('pins outside packages exactly', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies };
    const loose = Object.entries(all).filter(
      ([, version]) => version !== '*' && !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version),
    );
    expect(loose).toEqual([]);
  });

  test('has a README', () => {
    expect(existsSync(join(repositoryRoot, dirname(path), 'README.md'))).toBe(true);
  });
});
