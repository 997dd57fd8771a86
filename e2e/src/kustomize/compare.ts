import { buildKustomization, treeOf, yamlOf, type Profile } from '@meridian/kustomize';
import type { MadeTree } from './made-tree.ts';
import type { Oracle, Outcome } from './oracle.ts';

/**
 * How a build of ours and one of kustomize compare. `unsteady`: kustomize itself does not answer alike twice. `refused on
 * purpose`: one of the things that the README of libs/kustomize lists as refused.
 */
export type Verdict =
  | 'same'
  | 'both refuse'
  | 'refused on purpose'
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
  return !alike.has(verdict);
}

const alike: ReadonlySet<Verdict> = new Set(['same', 'both refuse', 'refused on purpose', 'unsteady']);

/** What the engine says where it refuses what kustomize takes: hashes that depend on lines of files, keys that are not safe. */
const onPurpose =
  /there is no hash of the content|the key (?:__proto__|constructor|prototype) is not allowed/;

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

/** Whether a tree gives a verdict, asked once; kustomize is not run where the answer is clear without it. */
export async function hasVerdict(
  tree: MadeTree,
  verdict: Verdict,
  { profile, oracle }: { readonly profile: Profile; readonly oracle: Oracle },
): Promise<boolean> {
  const ours = ourBuild(tree, profile);
  const isRefusal = verdict === 'only meridian refuses' || verdict === 'meridian crashes';
  if ('refused' in ours !== isRefusal) return false;
  return verdictOf(ours, await oracle(tree)) === verdict;
}

function verdictOf(ours: Outcome, theirs: Outcome): Verdict {
  if ('refused' in ours && ours.refused.startsWith(crash)) return 'meridian crashes';
  if ('refused' in theirs) return 'refused' in ours ? 'both refuse' : 'only kustomize refuses';
  if ('refused' in ours) return onPurpose.test(ours.refused) ? 'refused on purpose' : 'only meridian refuses';
  return ours.text === theirs.text ? 'same' : 'texts differ';
}
