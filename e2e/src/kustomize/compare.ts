import { buildKustomization, treeOf, yamlOf, type Profile } from '@meridian/kustomize';
import type { MadeTree } from './made-tree.ts';
import type { Oracle, Outcome } from './oracle.ts';

/** How a build of ours and one of kustomize compare. `unsteady`: kustomize itself does not answer alike twice. */
export type Verdict =
  | 'same'
  | 'both refuse'
  | 'texts differ'
  | 'only kustomize refuses'
  | 'only meridian refuses'
  | 'meridian crashes'
  | 'unsteady';

/** A comparison with what each side said. */
export interface Comparison {
  readonly verdict: Verdict;
  readonly ours: Outcome;
  readonly theirs: Outcome;
}

/** Whether a verdict is one that must not be. */
export function isDifference(verdict: Verdict): boolean {
  return verdict !== 'same' && verdict !== 'both refuse' && verdict !== 'unsteady';
}

const crash = 'crash: ';

/** Builds a tree with this repository's engine; what it throws is told as a refusal that starts with `crash`. */
export function ourBuild(tree: MadeTree, profile: Profile): Outcome {
  try {
    const { files, reorder } = tree;
    const root = tree.root === '.' ? '' : tree.root;
    const built = buildKustomization(treeOf(files), root, { profile, reorder });
    if ('objects' in built) return { text: yamlOf(built.objects) };
    return { refused: built.errors.map(({ file, message }) => `${file}: ${message}`).join('\n') };
  } catch (error) {
    return { refused: `${crash}${error instanceof Error ? (error.stack ?? error.message) : String(error)}` };
  }
}

/** Builds a tree both ways. A difference is asked again, since kustomize walks Go maps and may answer in two ways. */
export async function compare(tree: MadeTree, profile: Profile, oracle: Oracle): Promise<Comparison> {
  const ours = ourBuild(tree, profile);
  const theirs = await oracle(tree);
  const verdict = verdictOf(ours, theirs);
  if (!isDifference(verdict)) return { verdict, ours, theirs };
  for (let again = 0; again < 2; again += 1) {
    const second = verdictOf(ours, await oracle(tree));
    if (second !== verdict) return { verdict: 'unsteady', ours, theirs };
  }
  return { verdict, ours, theirs };
}

function verdictOf(ours: Outcome, theirs: Outcome): Verdict {
  if ('refused' in ours && ours.refused.startsWith(crash)) return 'meridian crashes';
  if ('refused' in theirs) return 'refused' in ours ? 'both refuse' : 'only kustomize refuses';
  if ('refused' in ours) return 'only meridian refuses';
  return ours.text === theirs.text ? 'same' : 'texts differ';
}
