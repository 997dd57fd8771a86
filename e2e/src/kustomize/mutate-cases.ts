import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Dice } from '../kube/dice.ts';
import { repositoryRoot } from '../runner/command.ts';
import { someFields } from './grammar/fields.ts';
import type { MadeObject } from './grammar/objects.ts';
import { oddScalar } from './grammar/scalars.ts';
import { yamlText } from './grammar/yaml.ts';
import type { MadeTree } from './made-tree.ts';

/** A case of kustomize's own tests: the files that it is about. */
export interface GivenCase {
  readonly files: { readonly [path: string]: string };
  readonly root: string;
}

/** The cases handed over beside the repository or where MERIDIAN_CASES says; none when they are absent. */
export function givenCases(): readonly GivenCase[] {
  const folder = process.env['MERIDIAN_CASES'] ?? join(repositoryRoot, '../shared/cases');
  return ['kustomize.json', 'kustomize-5.8.json'].flatMap((name) => {
    const path = join(folder, name);
    if (!existsSync(path)) return [];
    const read = JSON.parse(readFileSync(path, 'utf8')) as readonly GivenCase[];
    return read.map(({ files, root }) => ({ files: cleaned(files), root: posix.normalize(root) }));
  });
}

function cleaned(files: GivenCase['files']): GivenCase['files'] {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [posix.normalize(path).replace(/^\/+/, ''), text]),
  );
}

/** Makes a new tree of one or two cases: changed in a line, under an overlay, side by side, or as a component. */
export function mutateCases(dice: Dice, cases: readonly GivenCase[]): MadeTree {
  const reorder = dice.chance(0.5) ? 'none' : 'legacy';
  const first = changed(dice, dice.pick(cases));
  const way = dice.below(4);
  if (way === 0) return { ...changed(dice, first), reorder };
  const more = way === 1 ? [] : [changed(dice, dice.pick(cases))];
  const files = placed([first, ...more]);
  const roots = [first, ...more].map(({ root }, at) => posix.join('..', `case-${at}`, root));
  const asComponent = way === 3 ? componentOf(files, posix.join('case-1', more[0]?.root ?? '.')) : undefined;
  const listed =
    asComponent === undefined
      ? { resources: roots }
      : { resources: roots.slice(0, 1), components: roots.slice(1) };
  const file = (stem: string, text: string): string => {
    const name = `${stem}-${Object.keys(files).length}.yaml`;
    files[`top/${name}`] = text;
    return name;
  };
  const fields = dice.chance(0.75) ? someFields({ dice, objects: objectsIn(files), file }) : {};
  return {
    files: { ...files, ...asComponent, 'top/kustomization.yaml': yamlText({ ...listed, ...fields }, dice) },
    root: 'top',
    reorder,
  };
}

function placed(cases: readonly GivenCase[]): { [path: string]: string } {
  return Object.fromEntries(
    cases.flatMap(({ files }, at) =>
      Object.entries(files).map(([path, text]) => [`case-${at}/${path}`, text]),
    ),
  );
}

function componentOf(files: GivenCase['files'], root: string): GivenCase['files'] | undefined {
  const path = posix.join(root, 'kustomization.yaml');
  const text = files[path];
  if (text === undefined) return undefined;
  const rest = text.replace(/^(?:apiVersion|kind):.*\n/gm, '');
  return { [path]: `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n${rest}` };
}

/** The objects that a look at the text finds: enough to aim patches at. */
function objectsIn(files: GivenCase['files']): readonly MadeObject[] {
  const found = Object.values(files)
    .flatMap((text) => text.split(/^---$/m))
    .flatMap((text) => {
      const [apiVersion, kind, name] = [/^apiVersion: *(\S+)/m, /^kind: *(\S+)/m, /^ +name: *(\S+)/m].map(
        (pattern) => pattern.exec(text)?.[1],
      );
      if (apiVersion === undefined || kind === undefined || name === undefined) return [];
      return [{ apiVersion, kind, name, yaml: {} }];
    });
  return found.length > 0 ? found : [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', yaml: {} }];
}

/** Changes a line or two of a case, sometimes none. */
function changed(dice: Dice, given: GivenCase): GivenCase {
  let files = given.files;
  for (let times = dice.below(3); times > 0; times -= 1) {
    const path = dice.pick(Object.keys(files));
    files = { ...files, [path]: changedText(dice, files[path] ?? '') };
  }
  return { ...given, files };
}

function changedText(dice: Dice, text: string): string {
  const lines = text.split('\n');
  const at = dice.below(lines.length);
  const line = lines[at] ?? '';
  const ways: readonly (() => readonly string[])[] = [
    () => [],
    () => [line, line],
    () => [line, `${/^ */.exec(line)?.[0] ?? ''}extra: ${oddScalar(dice)}`],
    () => [line.replace(/: .*/, () => `: ${oddScalar(dice)}`)],
    () => [line.replace(/: .*/, () => `: ${oddScalar(dice)}`)],
    () => [line.replace(/^( *- ).*/, (_all, start: string) => `${start}${oddScalar(dice)}`)],
    () => [dice.pick(lines)],
    () => [`${line} # noted`],
  ];
  return [...lines.slice(0, at), ...dice.pick(ways)(), ...lines.slice(at + 1)].join('\n');
}
