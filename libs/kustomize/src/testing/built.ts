import { buildKustomization, treeOf, yamlOf, type Profile } from '../index.ts';

/** Texts by path. */
export interface Files {
  readonly [path: string]: string;
}

/** What a kustomization gives, as kustomize writes it, or why it is refused. */
export function built(files: Files, profile: Profile = '5.5', root = 'over'): string {
  const result = buildKustomization(treeOf(files), root, { profile, reorder: 'legacy' });
  return 'objects' in result ? yamlOf(result.objects) : `refused: ${result.errors[0]?.message ?? ''}`;
}

/** An overlay above one object. */
export const above = (object: string, fields: string, more: Files = {}): Files => ({
  'base/object.yaml': object,
  'base/kustomization.yaml': 'resources: [object.yaml]\n',
  'over/kustomization.yaml': `resources: [../base]\n${fields}`,
  ...more,
});

/** A kustomization with one transformer. */
export const transformer = (config: string): Files =>
  above('kind: Thing\nmetadata:\n  name: a\n', 'transformers: [plugin.yaml]\n', {
    'over/plugin.yaml': `apiVersion: builtin\nmetadata:\n  name: plugin\n${config}`,
  });
