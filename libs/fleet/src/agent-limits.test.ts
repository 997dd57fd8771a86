import { describe, expect, it, test } from 'vitest';
import { parseAgentLimits } from './index.ts';

const head = 'apiVersion: meridian.dev/v1alpha1\nkind: AgentLimits\n';
const read = (spec: string) => parseAgentLimits(`${head}${spec}`, 'limits.yaml');
const problemsOf = (text: string) => {
  const parsed = parseAgentLimits(text, 'limits.yaml');
  return parsed.ok ? [] : parsed.problems;
};

describe('limits of an agent', () => {
  it('say where objects may be, of which kinds, with which images, how fast, and that nothing is written', () => {
    const release = `sha256:${'ab'.repeat(32)}`;
    const spec = `spec:
  namespaces: { allowed: [ml-*, monitoring], denied: [ml-secret] }
  kinds: { denied: [Secret, 'rbac.authorization.k8s.io/*'], clusterScoped: [Namespace] }
  registries: [registry.example.com/ml/, 'registry.example.com:5000', '*.pkg.example.com', docker.io/library, localhost]
  changeRate: { writesPerMinute: 60 }
  deletions: { objects: 20, share: 30%, approved: [{ application: web, release: '${release}' }] }
  freeze: { author: lena, reason: audit, until: 2026-11-30T18:00:00Z }
`;
    expect(read(spec)).toEqual({
      ok: true,
      limits: {
        namespaces: { allowed: ['ml-*', 'monitoring'], denied: ['ml-secret'] },
        kinds: { denied: ['Secret', 'rbac.authorization.k8s.io/*'], clusterScoped: ['Namespace'] },
        registries: [
          'registry.example.com/ml',
          'registry.example.com:5000',
          '*.pkg.example.com',
          'docker.io/library',
          'localhost',
        ],
        changeRate: { writesPerMinute: 60, deletionsPerMinute: 15 },
        deletions: { objects: 20, percent: 30, approved: [{ application: 'web', release }] },
        freeze: { author: 'lena', reason: 'audit', untilMs: Date.UTC(2026, 10, 30, 18) },
      },
    });
    expect(read('spec: {}')).toEqual({ ok: true, limits: {} });
    expect(read('spec: { changeRate: { writesPerMinute: 1 } }')).toMatchObject({
      limits: { changeRate: { deletionsPerMinute: 1 } },
    });
  });

  test.each([
    ['', 'the file must hold one AgentLimits document, not 0'],
    ['# nothing but a comment\n', 'the file must hold one AgentLimits document, not 0'],
    [`${head}spec: {}\n---\n${head}spec: {}\n`, 'the file must hold one AgentLimits document, not 2'],
    ['spec: {}', 'the document is no AgentLimits'],
    ['- a', 'the document is no AgentLimits'],
    ['kind: AgentLimit\nspec: {}', 'the document is no AgentLimits'],
    [head, 'spec is missing'],
    [`${head}spec: { namespace: {} }`, 'unknown field spec.namespace'],
    [`${head}spec: { namespaces: { allowed: ml-* } }`, 'spec.namespaces.allowed must be a list, not "ml-*"'],
    [
      `${head}spec: { namespaces: { allowed: ['ml_*'] } }`,
      'spec.namespaces.allowed[0] must be a name in which',
    ],
    [`${head}spec: { kinds: { denied: [a/b/c] } }`, 'spec.kinds.denied[0] must be a name in which'],
    [`${head}spec: { registries: [nginx] }`, 'spec.registries[0] must be HOST, HOST:PORT, HOST/PATH or'],
    [`${head}spec: { registries: ['https://r.example.com'] }`, 'spec.registries[0] must be HOST'],
    [`${head}spec: { registries: ['user:x@r.example.com'] }`, 'spec.registries[0] must be HOST'],
    [`${head}spec: { registries: [r.example.com/../x] }`, 'spec.registries[0] must be HOST'],
    [
      `${head}spec: { changeRate: { writesPerMinute: 0 } }`,
      'spec.changeRate.writesPerMinute must be at least 1',
    ],
    [`${head}spec: { deletions: { share: 101% } }`, 'spec.deletions.share must be a percentage such as 25%'],
    [`${head}spec: { freeze: { author: lena } }`, 'spec.freeze.reason is missing'],
    [
      `${head}spec: { freeze: { author: l, reason: "a\\nb" } }`,
      'spec.freeze.reason must be text of one line',
    ],
    [
      `${head}spec: { freeze: { author: l, reason: r, until: monday } }`,
      'spec.freeze.until must be a time such',
    ],
  ])('are refused with the place when they read %j', (text, message) => {
    expect(problemsOf(text)[0]?.message).toContain(message);
  });

  it('tell line and field of everything that is wrong, and what was probably meant', () => {
    const text = `${head}spec:\n  namespaces: {}\n  registrys: []\n  freeze: { author: '' , reason: r }\n`;
    expect(problemsOf(text)).toMatchObject([
      { file: 'limits.yaml', line: 6, field: 'spec.freeze.author' },
      { file: 'limits.yaml', line: 5, field: 'spec.registrys', fix: 'did you mean registries?' },
    ]);
  });

  it('take no patterns that would take long, and no more names than a person writes', () => {
    const stars = '*a'.repeat(40_000);
    expect(problemsOf(`${head}spec: { namespaces: { allowed: ['${stars}'] } }`)).not.toEqual([]);
    expect(problemsOf(`${head}spec: { registries: ['${'a.'.repeat(40_000)}'] }`)).not.toEqual([]);
    const many = Array.from({ length: 1_001 }, (_, index) => `ns-${index}`).join(', ');
    expect(problemsOf(`${head}spec: { namespaces: { allowed: [${many}] } }`)).not.toEqual([]);
  });
});
