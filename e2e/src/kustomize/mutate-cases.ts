import { existsSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { Profile } from '@meridian/kustomize';
import type { Dice } from '../kube/dice.ts';
import { repositoryRoot } from '../runner/command.ts';
import { ourBuild } from './compare.ts';
import { Growing } from './grammar/growing.ts';
import { oddScalar } from './grammar/scalars.ts';
import type { YamlMap } from './grammar/yaml.ts';
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

/**
 * Makes a new tree of one or two cases: changed in a line, under an overlay, side by side, or as a component. What the
 * engine refuses is most often made anew, since a refusal says less than a text.
 */
export function mutateCases(dice: Dice, cases: readonly GivenCase[], profile: Profile): MadeTree {
  let made = mutated(dice, cases, profile);
  for (let again = 0; again < 4 && dice.chance(0.8) && 'refused' in ourBuild(made, profile); again += 1)
    made = mutated(dice, cases, profile);
  return made;
}

function mutated(dice: Dice, cases: readonly GivenCase[], profile: Profile): MadeTree {
  const reorder = dice.chance(0.5) ? 'none' : 'legacy';
  const first = changed(dice, dice.pick(cases));
  const way = dice.below(4);
  if (way === 0) return { ...changed(dice, first), reorder };
  const more = way === 1 ? [] : [changed(dice, dice.pick(cases))];
  const files = placed([first, ...more]);
  const roots = [first, ...more].map(({ root }, at) => posix.join('..', `case-${at}`, root));
  const [, second] = roots;
  const asComponent =
    way === 3 && second !== undefined ? componentOf(files, posix.join('top', second)) : undefined;
  const start: YamlMap =
    asComponent === undefined
      ? { resources: roots }
      : { resources: roots.slice(0, 1), components: roots.slice(1) };
  const growing = new Growing(dice, profile, { ...files, ...asComponent });
  for (const root of roots.slice(0, asComponent ? 1 : 2)) growing.see(posix.join('top', root));
  growing.grow({ directory: 'top', kind: 'Kustomization', start, most: dice.chance(0.75) ? 4 : 0 });
  return { files: growing.files, root: 'top', reorder };
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
  const isInBraces = lines.some((each) => /[[{]$/.test(each));
  const ways: readonly (() => readonly string[])[] = [
    () => [],
    () => [line, line],
    () => [line, `${/^ */.exec(line)?.[0] ?? ''}extra: ${oddScalar(dice)}`],
    () => [line.replace(/: .*/, () => `: ${oddScalar(dice)}`)],
    () => [line.replace(/: .*/, () => `: ${oddScalar(dice)}`)],
    () => [line.replace(/^( *- ).*/, (_all, start: string) => `${start}${oddScalar(dice)}`)],
    () => [dice.pick(lines)],
    // In brackets and braces of a text that a replacement edits, go-yaml lays comments out in a way of its own. Behind a key
    // without a value of which a step makes an empty list, it writes the list where it cannot read it again.
    () => [isInBraces || /[[\]{},:]$/.test(line) ? line : `${line} # noted`],
  ];
  return [...lines.slice(0, at), ...dice.pick(ways)(), ...lines.slice(at + 1)].join('\n');
}
