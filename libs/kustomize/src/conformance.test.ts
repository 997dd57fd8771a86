import { expect, test } from 'vitest';
import { buildKustomization, treeOf, yamlOf, type BuildOptions, type Profile } from './index.ts';

// The cases come from kustomize's own tests and are handed over beside the repository, or where MERIDIAN_CASES says.
// Node does not exist for this package's types, so what the test needs of it is declared here.
interface Case {
  readonly id: string;
  readonly root: string;
  readonly args: readonly string[];
  readonly files: { readonly [path: string]: string };
  readonly filesBase64?: { readonly [path: string]: string };
  readonly expect: 'output' | 'error';
  readonly actual?: string;
  /** What the command line prints when no order is asked for. */
  readonly actualLegacyOrder?: string;
}
interface NodeFiles {
  readonly readFileSync: (path: string, encoding: 'utf8') => string;
  readonly existsSync: (path: string) => boolean;
}
const nodeFiles = (await import(/* @vite-ignore */ ['node', 'fs'].join(':'))) as NodeFiles;
const { process: host, atob: decoded } = globalThis as unknown as {
  process: {
    env: { readonly [name: string]: string | undefined };
    stderr: { write: (text: string) => void };
  };
  atob: (text: string) => string;
};
const folder =
  host.env['MERIDIAN_CASES'] ??
  `${(import.meta as unknown as { dirname: string }).dirname}/../../../../shared/cases`;

const relative = (path: string): string => (path === '.' ? '' : path.replace(/^(?:\.\/|\/)+/, ''));
const bytesOf = (base64: string): Uint8Array =>
  Uint8Array.from(decoded(base64), (char) => char.charCodeAt(0));

function outputOf({ files, filesBase64 = {}, root, args }: Case, options: BuildOptions): string {
  const tree = treeOf(
    Object.fromEntries<string | Uint8Array>([
      ...Object.entries(files).map(([path, text]): [string, string] => [relative(path), text]),
      ...Object.entries(filesBase64).map(([path, text]): [string, Uint8Array] => [
        relative(path),
        bytesOf(text),
      ]),
    ]),
  );
  const built = buildKustomization(tree, relative(root), {
    loadRestrictor: args.includes('--load-restrictor=LoadRestrictionsNone')
      ? 'LoadRestrictionsNone'
      : 'LoadRestrictionsRootOnly',
    managedByLabel: args.includes('--enable-managedby-label'),
    ...options,
  });
  return 'errors' in built ? `refused: ${built.errors[0]?.message ?? ''}` : yamlOf(built.objects);
}

function problemOf(each: Case, profile: Profile): string | undefined {
  const reorder = each.args.includes('--reorder=none') ? 'none' : 'legacy';
  const output = outputOf(each, { profile, reorder });
  if (each.expect === 'error') return output.startsWith('refused: ') ? undefined : 'is accepted';
  if (output !== each.actual) return output.startsWith('refused: ') ? output : 'gives another text';
  if (each.actualLegacyOrder === undefined) return undefined;
  const sorted = outputOf(each, { profile, reorder: 'legacy' });
  return sorted === each.actualLegacyOrder ? undefined : 'gives another text in the legacy order';
}

for (const [file, profile] of [
  ['kustomize.json', '5.5'],
  ['kustomize-5.8.json', '5.8'],
] as const) {
  const path = `${folder}/${file}`;
  if (!nodeFiles.existsSync(path)) {
    host.stderr.write(`${path} is absent: the cases of kustomize ${profile} are not run\n`);
    test.skip(`the cases of kustomize ${profile} are absent`, () => undefined);
    continue;
  }
  const cases = JSON.parse(nodeFiles.readFileSync(path, 'utf8')) as readonly Case[];
  test(`the ${cases.length} cases of kustomize ${profile} give the same bytes, or are refused alike`, () => {
    const different = cases.flatMap((each) => {
      const problem = problemOf(each, profile);
      return problem === undefined ? [] : [`${each.id} ${problem}`];
    });
    expect(different).toEqual([]);
    // Several hundred builds: seconds when other tests share the machine.
  }, 60_000);
}
