import { expect, test } from 'vitest';
import { built } from '../testing/built.ts';

const generated = (generator: string, text: string) =>
  built({ 'over/kustomization.yaml': `${generator}: [{ name: a, files: [in] }]\n`, 'over/in': text });

test('lines that start with a tab are refused in a ConfigMap: kustomize cannot read what it wrote', () => {
  for (const text of ['\tpackage main\n', '\t\na', '\ta\nb'])
    expect(generated('configMapGenerator', text)).toBe(
      'refused: kustomize cannot read back the lines of in, since they start with a tab',
    );
});

test('a tab is well inside of lines, before a single one, and in a Secret', () => {
  expect(generated('configMapGenerator', '\tpackage main')).toContain('  in: "\\tpackage main"\n');
  expect(generated('configMapGenerator', 'x\n\ta\n')).toContain('  in: "x\\n\\ta\\n"\n');
  expect(generated('configMapGenerator', '\n\ta\n')).toContain('  in: "\\n\\ta\\n"\n');
  expect(generated('secretGenerator', '\tpackage\n')).toContain('  in: CXBhY2thZ2UK\n');
});
