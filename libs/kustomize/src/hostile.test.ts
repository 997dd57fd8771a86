import type { LocatedError } from '@meridian/fleet';
import { describe, expect, test } from 'vitest';
import { buildSource } from './directory.ts';
import { buildKustomization, treeOf, type FileTree } from './index.ts';

const pod = (name: string): string => `{ apiVersion: v1, kind: Pod, metadata: { name: ${name} } }\n`;

function errorOf(tree: FileTree, root = ''): LocatedError {
  const built = buildKustomization(tree, root);
  if ('objects' in built) throw new Error('the build was accepted');
  return built.errors[0]!;
}

const resources = (...entries: readonly string[]): string =>
  `resources:\n${entries.map((entry) => `- ${JSON.stringify(entry)}\n`).join('')}`;

describe('paths', () => {
  test.each([
    '/etc/passwd',
    '../x.yaml',
    'a/../../x.yaml',
    '..\\x.yaml',
    'C:/x.yaml',
    'a\u0000b',
    `${'a/'.repeat(3000)}x.yaml`,
    'https://example.com/base',
    'http://169.254.169.254/latest',
    'file:///etc/passwd',
    'git@github.com:org/repo.git',
    'git::https://example.com/x',
    'ssh://git@example.com/x',
    'github.com/org/repo//base?ref=main',
    'ext::sh -c id',
    'base?ref=main',
    '--upload-pack=x',
    '%2e%2e/x.yaml',
    '.git/config',
    'x.yaml ',
    'x.yaml.',
  ])('%j is refused with its line and read nowhere', (path) => {
    const asked: string[] = [];
    const inner = treeOf({
      'kustomization.yaml': resources('ok.yaml', path),
      'ok.yaml': pod('a'),
      'x.yaml': pod('x'),
    });
    const tree: FileTree = {
      readFile: (each) => {
        asked.push(each);
        return inner.readFile(each);
      },
      list: (each) => inner.list(each),
    };
    expect(errorOf(tree)).toMatchObject({ file: 'kustomization.yaml', line: 3, fix: expect.any(String) });
    expect(asked.every((each) => !/^\/|\.\.|:|\\|\0/.test(each))).toBe(true);
  });

  test('every field that names a file keeps inside the kustomization', () => {
    const files = { 'secret.yaml': pod('s'), 'secret.env': 'A=b' };
    for (const field of [
      'patches: [{ path: ../secret.yaml }]',
      'patchesStrategicMerge: [../secret.yaml]',
      'patchesJson6902: [{ path: ../secret.yaml, target: { kind: Pod, name: s } }]',
      'configMapGenerator: [{ name: a, files: [../secret.yaml] }]',
      'configMapGenerator: [{ name: a, envs: [../secret.env] }]',
      'secretGenerator: [{ name: a, files: [x=/secret.yaml] }]',
      'resources: [../secret.yaml]',
    ]) {
      expect(errorOf(treeOf({ ...files, 'app/kustomization.yaml': `${field}\n` }), 'app').message).toMatch(
        /outside app|absolute/,
      );
    }
  });

  test('symlinks and submodules are named, not followed', () => {
    const inner = treeOf({ 'kustomization.yaml': resources('link.yaml') });
    const tree: FileTree = {
      ...inner,
      unreadable: (path) => (path === 'link.yaml' ? 'link.yaml is a symlink; it is not followed' : undefined),
    };
    expect(errorOf(tree)).toMatchObject({ line: 2, message: 'link.yaml is a symlink; it is not followed' });
    const plain: FileTree = {
      readFile: () => undefined,
      list: (dir) => (dir === '' ? ['link.yaml'] : undefined),
      unreadable: () => 'it is a symlink',
    };
    expect(buildSource(plain, '')).toEqual({
      errors: [expect.objectContaining({ message: 'it is a symlink' })],
    });
  });
});

describe('shapes that grow', () => {
  test('a cycle is an error with its path', () => {
    const tree = treeOf({
      'a/kustomization.yaml': resources('../b'),
      'b/kustomization.yaml': resources('../c'),
      'c/kustomization.yaml': resources('../a'),
    });
    expect(errorOf(tree, 'a')).toMatchObject({
      file: 'c/kustomization.yaml',
      line: 2,
      message: 'the bases form a cycle: a -> b -> c -> a',
    });
    expect(errorOf(treeOf({ 'a/kustomization.yaml': resources('.') }), 'a').message).toContain('a -> a');
  });

  test('a cycle through a component is an error as well', () => {
    const component = 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n';
    const tree = treeOf({
      'a/kustomization.yaml': 'components: [../b]\n',
      'b/kustomization.yaml': `${component}${resources('../a')}`,
    });
    expect(errorOf(tree, 'a').message).toContain('a -> b -> a');
  });

  test('a thousand bases deep is refused', () => {
    const files = Object.fromEntries(
      Array.from({ length: 1000 }, (_, depth) => [
        `d${depth}/kustomization.yaml`,
        resources(`../d${depth + 1}`),
      ]),
    );
    expect(errorOf(treeOf(files), 'd0').message).toContain('deeper than 64');
  });

  test('a base that doubles with every level is refused before it explodes', () => {
    const files: Record<string, string> = {
      'd20/kustomization.yaml': resources('p.yaml'),
      'd20/p.yaml': pod('p'),
    };
    for (let depth = 0; depth < 20; depth += 1) {
      files[`d${depth}/kustomization.yaml`] = resources('l', 'r');
      for (const side of ['l', 'r'])
        files[`d${depth}/${side}/kustomization.yaml`] =
          `namePrefix: ${side}-\n${resources(`../../d${depth + 1}`)}`;
    }
    let reads = 0;
    const tree = treeOf(files);
    const counted: FileTree = { ...tree, readFile: (path) => ((reads += 1), tree.readFile(path)) };
    expect(errorOf(counted, 'd0').message).toContain('more than 2000 kustomizations');
    expect(reads).toBeLessThan(10_000);
  });

  test('a list of a hundred thousand resources is refused', () => {
    const entries = Array.from({ length: 30_000 }, (_, index) => `f${index}.yaml`);
    const tree: FileTree = {
      readFile: (path) => (path === 'kustomization.yaml' ? resources(...entries) : '# empty\n'),
      list: (dir) => (dir === '' ? ['kustomization.yaml'] : undefined),
    };
    expect(errorOf(tree).message).toContain('more than 20000 files');
  });

  test('a file with more objects than a build may hold is refused', () => {
    const text = Array.from({ length: 9_000 }, (_, index) => pod(`p${index}`)).join('---\n');
    const tree = treeOf({
      'kustomization.yaml': resources('a.yaml', 'b.yaml'),
      'a.yaml': text,
      'b.yaml': text.replaceAll('name: p', 'name: q'),
    });
    expect(errorOf(tree).message).toContain('more than 10000 objects');
  });

  test('an alias bomb in a resource is refused where it stands', () => {
    let bomb =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
    for (let level = 1; level < 10; level += 1)
      bomb += `a${level}: &a${level} [${Array(10)
        .fill(`*a${level - 1}`)
        .join(', ')}]\n`;
    expect(errorOf(treeOf({ 'kustomization.yaml': resources('a.yaml'), 'a.yaml': bomb }))).toMatchObject({
      file: 'a.yaml',
      line: 9,
    });
  });

  test('a pattern that would run for ever elsewhere comes to an end', () => {
    const tree = treeOf({
      'kustomization.yaml': `${resources('a.yaml')}patches:\n- patch: '- { op: add, path: /x, value: 1 }'\n  target: { name: "(a+)+$" }\n`,
      'a.yaml': pod(`${'a'.repeat(200)}-b`),
    });
    expect(buildKustomization(tree, '')).toHaveProperty('objects');
  });
});

test('no way in changes the prototype of objects', () => {
  const attempts = [
    `${resources('a.yaml')}patches:\n- patch: '- { op: add, path: /__proto__/polluted, value: 1 }'\n  target: { kind: Pod }\n`,
    `${resources('a.yaml')}patches:\n- patch: '- { op: add, path: /constructor/prototype/polluted, value: 1 }'\n  target: { kind: Pod }\n`,
    `${resources('a.yaml')}patches:\n- patch: '{ kind: Pod, metadata: { name: a }, __proto__: { polluted: 1 } }'\n`,
    `${resources('a.yaml')}configMapGenerator:\n- name: c\n  literals: [__proto__=polluted]\n`,
    `${resources('a.yaml')}commonLabels: { __proto__: polluted }\n`,
    `${resources('a.yaml')}labels:\n- pairs: { a: b }\n  fields: [{ path: __proto__/polluted, create: true }]\n`,
    `${resources('a.yaml')}labels:\n- pairs: { a: b }\n  fields: [{ path: constructor/prototype, create: true }]\n`,
  ];
  for (const kustomization of attempts) {
    expect(
      buildKustomization(treeOf({ 'kustomization.yaml': kustomization, 'a.yaml': pod('a') }), ''),
    ).toHaveProperty('errors');
    expect(Object.keys(Object.prototype)).toEqual([]);
    expect(({} as { a?: unknown; polluted?: unknown }).a).toBeUndefined();
    expect(({} as { a?: unknown; polluted?: unknown }).polluted).toBeUndefined();
  }
});
