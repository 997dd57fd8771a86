import { expect, test } from 'vitest';
import { buildKustomization, treeOf, yamlOf } from './index.ts';

// Node does not exist for this package's types, so what the test needs of it is declared here.
interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
interface NodeProcesses {
  readonly spawnSync: (file: string, args: readonly string[], options: { encoding: 'utf8' }) => Ended;
}
const { spawnSync } = (await import(/* @vite-ignore */ ['node', 'child_process'].join(':'))) as NodeProcesses;

declare global {
  interface ImportMeta {
    glob(
      pattern: string,
      options: { readonly eager: true; readonly import: 'default'; readonly query: '?raw' },
    ): { readonly [path: string]: unknown };
  }
}

const example = `${(import.meta as unknown as { dirname: string }).dirname}/../../../examples/ml-fleet`;
const root = '../../../examples/ml-fleet/';
const files = Object.fromEntries(
  Object.entries(
    import.meta.glob('../../../examples/ml-fleet/**', { eager: true, import: 'default', query: '?raw' }),
  ).map(([path, text]) => [path.slice(root.length), String(text)]),
);
const tree = treeOf(files);
const overlays = Object.keys(files)
  .filter((path) => /\/(?:base|overlays\/[^/]+)\/kustomization\.yaml$/.test(path))
  .map((path) => path.slice(0, path.lastIndexOf('/')))
  .sort();

const hasKubectl = spawnSync('kubectl', ['kustomize', '--help'], { encoding: 'utf8' }).status === 0;

if (hasKubectl) {
  test.each(overlays)('%s of the example gives the text that kubectl gives', (directory) => {
    const oracle = spawnSync('kubectl', ['kustomize', `${example}/${directory}`], { encoding: 'utf8' });
    expect(oracle.stderr).toBe('');
    const built = buildKustomization(tree, directory, { reorder: 'legacy' });
    expect('errors' in built ? built.errors : yamlOf(built.objects)).toBe(oracle.stdout);
  });
} else {
  test.skip('the example compared with kubectl: absent, skipped, kubectl is not on the PATH', () =>
    undefined);
}
