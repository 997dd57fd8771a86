import { canonicalJson, parseYaml, type Json, type KubeObject } from '@meridian/manifests';
import { expect, test } from 'vitest';
import { buildKustomization, treeOf } from './index.ts';

// The cases come from kustomize's own tests and are handed over beside the repository, or where MERIDIAN_CASES says.
// Node does not exist for this package's types, so what the test needs of it is declared here.
interface Case {
  readonly id: string;
  readonly root: string;
  readonly files: { readonly [path: string]: string };
  readonly expect: 'output' | 'error';
  readonly actual?: string;
}
interface NodeFiles {
  readonly readFileSync: (path: string, encoding: 'utf8') => string;
  readonly existsSync: (path: string) => boolean;
}
const nodeFiles = (await import(/* @vite-ignore */ ['node', 'fs'].join(':'))) as NodeFiles;
const { process: host } = globalThis as unknown as {
  process: {
    env: { readonly [name: string]: string | undefined };
    stderr: { write: (text: string) => void };
  };
};
const folder =
  host.env['MERIDIAN_CASES'] ??
  `${(import.meta as unknown as { dirname: string }).dirname}/../../../../shared/cases`;
const file = `${folder}/kustomize.json`;
const present = nodeFiles.existsSync(file);
const cases = present ? (JSON.parse(nodeFiles.readFileSync(file, 'utf8')) as readonly Case[]) : [];

/** Cases in which this build refuses or differs on purpose, with the reason. */
const deliberate: { readonly [id: string]: string } = {
  'baseandoverlaysmall/TestSharedPatchAllowed': 'a file outside the kustomization, allowed only by a flag',
  'diamondcomposition/TestIssue1251_Patches_ProdVsDev':
    'a file outside the kustomization, allowed only by a flag',
  'diamondcomposition/TestIssue1251_Patches_ProdVsDev#2':
    'a file outside the kustomization, allowed only by a flag',
  'component/TestOrderOfAccumulatedComponent/components_using_a_generated_resource_by_configMapGenerator':
    'a duplicate key',
  'configmaps/TestGeneratorRepeatsInKustomization': 'a duplicate key',
  'patchstrategicmerge/TestFilter/different-key-types#23': 'a key that is a number',
  'variableref/TestVariableRefIngressOverlay': 'a misspelled field name',
  'variableref/TestVariableRefNFSServer': 'a misspelled field name',
  'managedbylabel/TestAddManagedbyLabel': 'a command line flag',
  'configmaps/TestGeneratorOverlaysBinaryData': 'a binary file',
  'configmap/TestMakeConfigMap/construct-config-map-from-text-and-binary-file#3': 'a binary file',
  'secret/TestMakeSecret/construct-secret-from-text-and-binary-file#3': 'a binary file',
};

/** Fewer passing cases than this is a regression. */
const atLeast = 245;

type Outcome = 'same' | 'unsupported' | { readonly differs: string };

function outcomeOf(each: Case): Outcome {
  const files = Object.fromEntries(Object.entries(each.files).map(([path, text]) => [relative(path), text]));
  const built = buildKustomization(treeOf(files), each.root === '.' ? '' : relative(each.root));
  if ('objects' in built)
    return each.expect === 'error' ? { differs: 'accepted' } : compared(each, built.objects);
  if (built.errors.some(({ message }) => message.endsWith(' is not supported'))) return 'unsupported';
  return each.expect === 'error' ? 'same' : { differs: `refused: ${built.errors[0]?.message ?? ''}` };
}

function compared({ id, actual = '' }: Case, objects: readonly KubeObject[]): Outcome {
  const wanted = parseYaml(actual, id);
  if ('errors' in wanted) return { differs: 'its expectation cannot be read' };
  const values: Json[] = wanted.documents.map(({ value }) => value).filter((value) => value !== null);
  return canonicalJson(values) === canonicalJson(objects) ? 'same' : { differs: 'gives other objects' };
}

const relative = (path: string): string => path.replace(/^(?:\.\/|\/)+/, '');

if (present) {
  test('the cases of kustomize itself build to the same values in the same order, or are refused alike', () => {
    const outcomes = cases.map((each) => ({ id: each.id, outcome: outcomeOf(each) }));
    const different = outcomes.flatMap(({ id, outcome }) =>
      typeof outcome === 'string' || id in deliberate ? [] : [`${id} ${outcome.differs}`],
    );
    expect(different).toEqual([]);
    expect(outcomes.filter(({ outcome }) => outcome === 'same').length).toBeGreaterThanOrEqual(atLeast);
  });
} else {
  host.stderr.write(`the cases of kustomize itself: absent, skipped; there is no ${file}\n`);
  test.skip('the cases of kustomize itself build to the same values', () => undefined);
}
