import type { LocatedError } from '@meridian/fleet';
import { parseYaml } from '@meridian/manifests';
import { remembered } from './remembered.ts';
import { Refusal, refuse } from './refusal.ts';
import { checkShape, fieldsOf, listOf } from './shape.ts';
import type { FileTree } from './tree.ts';

/** File names that make a directory a kustomization. */
export const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** Selects objects by anchored patterns on their ids and by label and annotation selectors. */
export interface TargetFields {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly annotationSelector?: string;
}

/** One entry of `patches` or `patchesJson6902`. */
export interface PatchFields {
  readonly path?: string;
  readonly patch?: string;
  readonly target?: TargetFields;
  readonly options?: { readonly allowNameChange?: boolean; readonly allowKindChange?: boolean };
}

/** Options of generated ConfigMaps and Secrets. */
export interface GeneratorOptionFields {
  readonly labels?: { readonly [key: string]: string };
  readonly annotations?: { readonly [key: string]: string };
  readonly disableNameSuffixHash?: boolean;
  readonly immutable?: boolean;
}

/** One entry of `configMapGenerator` or `secretGenerator`. */
export interface GeneratorFields {
  readonly name?: string;
  readonly namespace?: string;
  readonly behavior?: string;
  readonly literals?: readonly string[];
  readonly files?: readonly string[];
  readonly envs?: readonly string[];
  readonly env?: string;
  readonly type?: string;
  readonly options?: GeneratorOptionFields;
}

/** One entry of `labels`. */
export interface LabelFields {
  readonly pairs?: { readonly [key: string]: string };
  readonly includeSelectors?: boolean;
  readonly includeTemplates?: boolean;
  /** More places for the labels; `path` is divided by `/`. */
  readonly fields?: readonly {
    readonly path?: string;
    readonly group?: string;
    readonly version?: string;
    readonly kind?: string;
    readonly create?: boolean;
  }[];
}

/** One entry of `images`. */
export interface ImageFields {
  readonly name?: string;
  readonly newName?: string;
  readonly newTag?: string;
  readonly digest?: string;
}

/** The fields of a kustomization that the build obeys. */
export interface KustomizationFields {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly resources?: readonly string[];
  readonly bases?: readonly string[];
  readonly components?: readonly string[];
  readonly namespace?: string;
  readonly namePrefix?: string;
  readonly nameSuffix?: string;
  readonly labels?: readonly LabelFields[];
  readonly commonLabels?: { readonly [key: string]: string };
  readonly commonAnnotations?: { readonly [key: string]: string };
  readonly images?: readonly ImageFields[];
  readonly replicas?: readonly { readonly name?: string; readonly count?: number }[];
  readonly patches?: readonly PatchFields[];
  readonly patchesStrategicMerge?: readonly string[];
  readonly patchesJson6902?: readonly PatchFields[];
  readonly configMapGenerator?: readonly GeneratorFields[];
  readonly secretGenerator?: readonly GeneratorFields[];
  readonly generatorOptions?: GeneratorOptionFields;
}

/** A kustomization file, read and checked. */
export interface Kustomization {
  /** Path of the file. */
  readonly file: string;
  /** Directory of the file; everything it names is relative to it. */
  readonly dir: string;
  readonly isComponent: boolean;
  readonly fields: KustomizationFields;
  /** A place in the file, for errors. */
  readonly at: (...path: readonly (string | number)[]) => { readonly file: string; readonly line: number };
}

const target = fieldsOf({
  group: 'text',
  version: 'text',
  kind: 'text',
  name: 'text',
  namespace: 'text',
  labelSelector: 'text',
  annotationSelector: 'text',
});
const patch = fieldsOf({
  path: 'text',
  patch: 'text',
  target,
  options: fieldsOf({ allowNameChange: 'flag', allowKindChange: 'flag' }),
});
const options = {
  labels: 'textMap',
  annotations: 'textMap',
  disableNameSuffixHash: 'flag',
  immutable: 'flag',
} as const;
const generator = {
  name: 'text',
  namespace: 'text',
  behavior: 'text',
  literals: listOf('text'),
  files: listOf('text'),
  envs: listOf('text'),
  env: 'text',
  options: fieldsOf(options),
} as const;

const fieldSpec = fieldsOf({ path: 'text', group: 'text', version: 'text', kind: 'text', create: 'flag' });

const shape = fieldsOf({
  apiVersion: 'text',
  kind: 'text',
  metadata: 'any',
  resources: listOf('text'),
  bases: listOf('text'),
  components: listOf('text'),
  namespace: 'text',
  namePrefix: 'text',
  nameSuffix: 'text',
  labels: listOf(
    fieldsOf({
      pairs: 'textMap',
      includeSelectors: 'flag',
      includeTemplates: 'flag',
      fields: listOf(fieldSpec),
    }),
  ),
  commonLabels: 'textMap',
  commonAnnotations: 'textMap',
  images: listOf(fieldsOf({ name: 'text', newName: 'text', newTag: 'text', digest: 'text' })),
  replicas: listOf(fieldsOf({ name: 'text', count: 'count' })),
  patches: listOf(patch),
  patchesStrategicMerge: listOf('text'),
  patchesJson6902: listOf(patch),
  configMapGenerator: listOf(fieldsOf(generator)),
  secretGenerator: listOf(fieldsOf({ ...generator, type: 'text' })),
  generatorOptions: fieldsOf(options),
});

/** Fields that kustomize has and this build does not, with the way out. */
const unsupported: Readonly<Record<string, string>> = {
  replacements: 'write the value in a patch of the overlay',
  vars: 'write the value in a patch of the overlay',
  crds: 'write the names in full instead of prefixing them',
  openapi: 'use a JSON 6902 patch for lists of custom resources',
  configurations: 'write the names in full instead of prefixing them',
  transformers: 'use the built-in fields (patches, labels, images …)',
  generators: 'commit the generated manifests',
  validators: 'validate in CI',
  helmCharts: 'commit the output of helm template',
  helmGlobals: 'commit the output of helm template',
  helmChartInflationGenerator: 'commit the output of helm template',
  buildMetadata: 'remove it; Meridian records the revision of every object',
  sortOptions: 'remove it; Meridian orders objects by wave and kind',
  imageTags: 'use images',
};

/** The names of kustomization files in a directory. */
export function kustomizationsIn(tree: FileTree, dir: string): string[] {
  return (tree.list(dir) ?? []).filter((name) => kustomizationNames.some((known) => known === name));
}

/** Reads the one kustomization of a directory; anything wrong with it is refused with its place. */
export function readKustomization(tree: FileTree, dir: string): Kustomization {
  return remembered(tree, `kustomization ${dir}`, () => readNew(tree, dir));
}

function readNew(tree: FileTree, dir: string): Kustomization {
  const names = kustomizationsIn(tree, dir);
  const [name] = names;
  const where = dir === '' ? '.' : dir;
  if (name === undefined)
    refuse({
      file: where,
      message: `${where} has no kustomization.yaml`,
      fix: `add ${where}/kustomization.yaml`,
    });
  if (names.length > 1)
    refuse({ file: where, message: `${where} has ${names.join(' and ')}`, fix: 'keep one of them' });
  const file = dir === '' ? name : `${dir}/${name}`;
  const text = tree.readFile(file);
  if (text === undefined) {
    refuse({
      file,
      message: tree.unreadable?.(file) ?? `${file} is no plain file`,
      fix: 'commit it as a plain file',
    });
  }
  return parseKustomization(text, file, dir);
}

function parseKustomization(text: string, file: string, dir: string): Kustomization {
  const parsed = parseYaml(text, file, { dialect: 'configuration' });
  if ('errors' in parsed) throw new Refusal(parsed.errors);
  const documents = parsed.documents.filter(({ value }) => value !== null);
  const [document] = documents;
  if (!document)
    refuse({
      file,
      line: 1,
      message: 'the kustomization is empty',
      fix: 'write resources: [] to render nothing on purpose',
    });
  if (documents.length > 1)
    refuse({ file, message: 'a kustomization is one document', fix: 'remove the others' });
  const { lineOf } = document;
  const errors: LocatedError[] = [];
  const fields = checkShape(document.value, shape, {
    file,
    lineOf,
    unsupported,
    errors,
  }) as KustomizationFields;
  if (errors.length > 0) throw new Refusal(errors);
  const at = (...path: readonly (string | number)[]): { file: string; line: number } => ({
    file,
    line: lineOf(path),
  });
  const isComponent = checkHeader(fields, at);
  if (Object.keys(fields).every((key) => ['apiVersion', 'kind', 'metadata'].includes(key))) {
    refuse({
      file,
      line: 1,
      message: 'the kustomization is empty',
      fix: 'write resources: [] to render nothing on purpose',
    });
  }
  return { file, dir, isComponent, fields, at };
}

function checkHeader(fields: KustomizationFields, at: Kustomization['at']): boolean {
  const kind = fields.kind ?? 'Kustomization';
  const apiVersions: Readonly<Record<string, string>> = {
    Kustomization: 'kustomize.config.k8s.io/v1beta1',
    Component: 'kustomize.config.k8s.io/v1alpha1',
  };
  const wanted = Object.hasOwn(apiVersions, kind) ? apiVersions[kind] : undefined;
  if (wanted === undefined) {
    refuse({
      ...at('kind'),
      field: 'kind',
      message: `the kind ${kind} is no kustomization`,
      fix: 'use Kustomization or Component',
    });
  }
  if (fields.apiVersion !== undefined && fields.apiVersion !== wanted) {
    refuse({
      ...at('apiVersion'),
      field: 'apiVersion',
      message: `a ${kind} has the apiVersion ${wanted}`,
      fix: `write ${wanted}`,
    });
  }
  return kind === 'Component';
}
