import { FaultError } from '@meridian/runtime';
import type { GitCommand } from './git-command.ts';
import { checkCommit } from './names.ts';

/** A change of more commits than this is nobody's in particular. */
export const mostAuthoredCommits = 200;
/** Names and addresses are short, but whoever pushes may write what they like there. */
const mostBytes = 256 * 1024;
/** Who wrote it, who committed it, and who is named by a hosting service that squashed the commits of several people into one. */
const format = '%an%x00%ae%x00%cn%x00%ce%x00%(trailers:key=Co-authored-by,valueonly,separator=%x00)%x00';

/**
 * Mail addresses and names of the authors, co-authors and committers of all commits that `to` has and `from` does not, as git
 * writes them, each once, sorted. Without `from` of all commits of `to`. Undefined when nobody can say: more than 200 commits,
 * a `from` that `to` does not come from, a commit that is not here.
 */
export async function commitAuthors(
  git: GitCommand,
  { from, to }: { readonly from: string | undefined; readonly to: string },
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const range = from === undefined ? [checkCommit(to)] : [checkCommit(to), `^${checkCommit(from)}`];
  try {
    if (from !== undefined) {
      const [base = ''] = (await git.run(['merge-base', '--all', from, to], signal)).split('\n');
      if (base.trim() !== from) return undefined;
    }
    const most = `--max-count=${mostAuthoredCommits + 1}`;
    const count = Number(await git.run(['rev-list', '--count', most, ...range, '--'], signal));
    if (!(count <= mostAuthoredCommits)) return undefined;
    const log = ['log', '--no-mailmap', '--encoding=UTF-8', `--format=${format}`, ...range, '--'];
    return namesIn(await git.run(log, signal, mostBytes));
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof FaultError) return undefined;
    throw error;
  }
}

function namesIn(log: string): string[] {
  const names = log.split('\0').flatMap((text) => {
    // A co-author is `Name <mail>`; so may be a name that somebody chose.
    const [, name = text, mail = ''] = /^([^<]*)<([^<>]*)>$/.exec(text.trim()) ?? [];
    return [name.trim(), mail.trim()];
  });
  return [...new Set(names.filter((name) => name !== ''))].sort();
}
