import { describe, expect, test } from 'vitest';
import { above, built, transformer, type Files } from './testing/built.ts';

// As fuzzed.test.ts, about texts that look like something else: kustomize writes some of them without quotes and tag.

const thing = 'kind: Thing\nmetadata:\n  name: web\n';
const deployment = (spec: string): string =>
  `apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\nspec: ${spec}\n`;
const patch = (text: string, more = ''): string =>
  `patches:\n- patch: |\n    ${text.trimEnd().replaceAll('\n', '\n    ')}\n${more}`;

/** A base with fields of its own, and fields above it. */
const twice = (object: string, below: string, fields: string): Files => ({
  ...above(object, fields),
  'base/kustomization.yaml': `resources: [object.yaml]\n${below}`,
});

describe('a number of replicas', () => {
  const seven = patch(deployment('{ replicas: "7" }'));
  const three = 'replicas: [{ name: web, count: 3 }]\n';

  test('is a number where a text took the place of a number, and a text where it was one', () => {
    expect(built(above(deployment('{ replicas: 1 }'), seven + three))).toContain('replicas: 3\n');
    expect(built(above(deployment('{ replicas: "1" }'), three))).toContain('replicas: "3"\n');
  });

  test('is a text again when a patch that does not mention it went over the text', () => {
    const other = patch('kind: Deployment\nmetadata: { name: web }\nx: 1', '  target: { name: web }\n');
    const same = patch(deployment('{ replicas: "7" }'), '  target: { name: web }\n');
    const object = deployment('{ replicas: 1 }');
    expect(built(twice(object, seven, other + three))).toContain('replicas: "3"\n');
    expect(built(twice(object, seven, same + three))).toContain('replicas: 3\n');
  });
});

describe('an identity', () => {
  const renamed = (text: string, option: string): string =>
    patch(text, `  target: { kind: Thing }\n  options: { ${option}: true }\n`);

  test('that a patch gives is what it looks like, unless there were quotes', () => {
    const named = (name: string): string =>
      renamed(`kind: Thing\nmetadata: { name: "${name}" }`, 'allowNameChange');
    expect(built(above(thing, named('null')))).toContain('  name: null\n');
    expect(built(above(thing, named('0777')))).toContain('  name: 511\n');
    expect(built(above('kind: Thing\nmetadata:\n  name: "web"\n', named('0777')))).toContain(
      '  name: "0777"\n',
    );
    const kind = renamed('kind: "0777"\nmetadata: { name: x }', 'allowKindChange');
    expect(built(above(thing, kind))).toContain('kind: 511\n');
  });

  test('that is put back over one of the patch loses its quotes, and keeps them where there is none', () => {
    const away = patch('kind: Thing\nmetadata: { name: web, namespace: x }', '  target: { name: web }\n');
    const silent = patch('kind: Thing\nmetadata: { name: web }', '  target: { name: web }\n');
    const namespace = 'namespace: "true"\n';
    expect(built(twice(thing, namespace, away))).toContain('  namespace: true\n');
    expect(built(twice(thing, namespace, silent))).toContain('  namespace: "true"\n');
  });

  test('with an apiVersion that is null is refused where it may name other objects', () => {
    const object = 'apiVersion: null\nkind: Deployment\nmetadata:\n  name: web\n';
    expect(built(above(object, ''))).toBe('refused: the apiVersion of Deployment web is null');
    const apart = patch('kind: Deployment\nmetadata: { name: web }\nx: 1');
    expect(built(above(object, apart))).toContain('refused: the patch for Deployment web fits no object');
  });
});

describe('a value that is added', () => {
  const added = (value: string, path: string): Files =>
    transformer(`kind: ValueAddTransformer\nvalue: ${value}\ntargets: [{ fieldPath: ${path} }]\n`);

  test('is what it looks like', () => {
    expect(built(added('"true"', 'spec/text'))).toContain('  text: true\n');
    expect(built(added('0o17', 'spec/text'))).toContain('  text: 15\n');
  });

  test('is in all fields that share a label', () => {
    const files = above(
      'kind: Thing\nmetadata:\n  name: a\n',
      'commonLabels: { team: x }\ntransformers: [plugin.yaml]\n',
      {
        'over/plugin.yaml':
          'apiVersion: builtin\nkind: LabelTransformer\nmetadata: { name: l }\nlabels: { both: x }\nfieldSpecs: [{ path: metadata/labels, create: true }, { path: spec, create: true }]\n---\napiVersion: builtin\nkind: ValueAddTransformer\nmetadata: { name: v }\nvalue: y\ntargets: [{ fieldPath: spec/both }]\n',
      },
    );
    expect(built(files)).toContain('    both: "y"\n');
    expect(built(files)).toContain('spec:\n  both: "y"\n');
  });

  test('as a namespace leaves objects alone that are in none', () => {
    const files = added('team', 'metadata/namespace');
    expect(built(files)).toContain('  namespace: team\n');
    const object = 'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n';
    expect(built({ ...files, 'base/object.yaml': object })).toBe(object);
  });

  test('as a namespace of several pieces is refused when it has to be remembered', () => {
    const files = {
      ...added('a, b', 'metadata/namespace'),
      'top/kustomization.yaml': 'resources: [../over]\nnamespace: team\n',
    };
    expect(built(files, '5.5', 'top')).toContain('refused: Thing has names that cannot be told apart');
  });
});

describe('the ServiceAccount of an IAMPolicyGenerator', () => {
  const account = (name: string): Files => ({
    'over/kustomization.yaml': 'generators: [plugin.yaml]\n',
    'over/plugin.yaml': `apiVersion: builtin\nkind: IAMPolicyGenerator\nmetadata: { name: x }\ncloud: gke\nkubernetesService: { name: ${name} }\nserviceAccount: { name: gsa, projectId: p }\n`,
  });

  test('is read as YAML, in which its names mean what they look like', () => {
    expect(built(account('ksa'))).toContain('gsa@p.iam.gserviceaccount.com\n  name: ksa\n');
    expect(built(account('"0777"'))).toContain('  name: 511\n');
    expect(built(account('"a: b"'))).toContain('refused: the ServiceAccount cannot be written as YAML');
  });
});

test('a text that stands in several fields has its vars replaced once for each field', () => {
  const fields =
    'commonAnnotations: { once: "$$(NAME)", twice: "$$$$(NAME)" }\nvars: [{ name: NAME, objref: { kind: Deployment, apiVersion: apps/v1, name: web } }]\n';
  const text = built(above(deployment('{ replicas: 1 }'), fields));
  expect(text.match(/once: .*/g)).toEqual(['once: web', 'once: web']);
  expect(text.match(/twice: .*/g)).toEqual(['twice: $(NAME)', 'twice: $(NAME)']);
});

test('an OpenAPI file that cannot be used is refused where its schema is needed, and only there', () => {
  const files = (object: string, fields = ''): Files =>
    above(object, `openapi: { path: schema.yaml }\n${fields}`, { 'over/schema.yaml': '' });
  const config = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n';
  expect(built(files(config, 'namespace: x\n'))).toContain('  namespace: x\n');
  expect(built(files(config, patch(config)))).toContain('the OpenAPI file cannot be used');
  expect(built(files(thing))).toContain('the OpenAPI file cannot be used');
  const later = above(thing, 'components: [../part]\n', {
    'part/kustomization.yaml': 'kind: Component\nopenapi: { path: schema.yaml }\n',
    'part/schema.yaml': '',
  });
  expect(built(later)).toContain('the OpenAPI file cannot be used');
});

test('an image that got a tag is what a replacement writes over it, unless it had quotes', () => {
  const pod = (image: string): string =>
    `kind: Pod\napiVersion: v1\nmetadata:\n  name: web\nspec:\n  hostPID: true\n  initContainers:\n  - image: ${image}\n    name: a\n`;
  const fields =
    'images: [{ name: nginx, newTag: v1 }]\nreplacements:\n- source: { kind: Pod, fieldPath: spec.hostPID }\n  targets: [{ select: { kind: Pod }, fieldPaths: ["spec.initContainers.*.image"] }]\n';
  for (const profile of ['5.5', '5.8'] as const) {
    expect(built(above(pod('nginx'), fields), profile)).toContain('- image: true\n');
    expect(built(above(pod('"nginx"'), fields), profile)).toContain('- image: "true"\n');
    expect(built(above(pod('other'), fields), profile)).toContain('- image: "true"\n');
  }
});

describe('a block that keeps its empty lines', () => {
  const object = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: |+\n    x\n\n';
  const text = (behind: string): string => built(above(`${object}${behind}`, '')).split('kind:')[0] ?? '';
  const written = (lines: string): string => `apiVersion: v1\ndata:\n  k: |+\n    x\n${lines}`;

  test('has one more at the end of a document when a comment is behind it', () => {
    for (const behind of ['# c\n', '  # c', '# c\n\n# d\n', '# c\n---\n', ' # c\n...\n'])
      expect(text(behind)).toBe(written('\n\n'));
    expect(built(above(object.replace('    x\n', '').concat('# c\n'), ''))).toContain('  k: |2+\n\n\n');
  });

  test('has no more when something else follows, or no comment', () => {
    expect(text('')).toBe(written('\n'));
    expect(text('# c\n  z: "1"\n')).toBe(written('\n  z: "1"\n'));
    expect(text('# c\n\n---\nkind: Thing\nmetadata: { name: a }\n')).toContain(written('\n\n'));
  });
});
